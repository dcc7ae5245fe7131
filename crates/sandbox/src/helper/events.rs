//! The supervisor's waiting: reports from inside, the caller's wish to stop, the end of the child, limits that run out.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::Signal;

use super::disk_watch::Written;
use super::stubs::remove_stubs;
use super::supervisor::send_report;
use super::uplink::Line;
use super::watch::Watch;
use crate::channel::Channel;
use crate::failure::{AttemptTo, Setup};
use crate::kernel::{self, Child};
use crate::wire::{Ended, Go, Report, Stopped, Work};

/// What is left to say when the child is gone.
pub(super) enum Outcome {
    /// The caller has been told all.
    Reported,
    /// It ran and ended so.
    Ended(Ended),
}

/// All that the supervisor waits for.
pub(super) struct Events<'a> {
    control: &'a Channel,
    /// `None` after the command was executed, which closed the other end.
    channel: Option<Channel>,
    child: &'a Child,
    work: &'a Work,
    line: &'a mut Line,
    written: Option<Written>,
    stubs: Vec<String>,
    watch: Option<Watch>,
    proc_view: Option<OwnedFd>,
    deadline: Option<Instant>,
    reported: bool,
    caller_left: bool,
    stopped: Option<Stopped>,
}

impl<'a> Events<'a> {
    pub(super) fn new(
        control: &'a Channel,
        channel: Channel,
        child: &'a Child,
        work: &'a Work,
        line: &'a mut Line,
        written: Option<Written>,
    ) -> Self {
        Self {
            control,
            channel: Some(channel),
            child,
            work,
            line,
            written,
            stubs: Vec::new(),
            watch: None,
            proc_view: None,
            deadline: None,
            reported: false,
            caller_left: false,
            stopped: None,
        }
    }

    /// Waits until the child is gone and with it everything in its namespaces.
    pub(super) fn run(mut self) -> Setup<Outcome> {
        loop {
            let ready = self.wait().attempt_to("wait for the sandbox")?;
            if ready.channel {
                self.handle_report()?;
            }
            if ready.speaker && self.channel.is_some() && !self.reported {
                return Err(self.line.explain_end());
            }
            if ready.control && !self.caller_left {
                self.caller_left = true;
                self.stop(Stopped::Asked)?;
            }
            if ready.child && self.channel.is_none() {
                break;
            }
            if self
                .deadline
                .is_some_and(|deadline| Instant::now() >= deadline)
            {
                self.deadline = None;
                self.stop(Stopped::TimedOut)?;
            }
            if let Some(reason) = self.watch.as_mut().and_then(Watch::look) {
                self.stop(reason)?;
            }
        }
        let reaped = kernel::reap(self.child.pid).attempt_to("wait for the sandbox's end")?;
        // Their errands read a tree that the caller may delete now.
        self.watch = None;
        self.clear_stubs();
        if self.reported {
            return Ok(Outcome::Reported);
        }
        Ok(Outcome::Ended(Ended {
            code: reaped.code,
            signal: reaped.signal,
            stopped: self.stopped,
            cpu: reaped.cpu,
            peak_memory: reaped.peak_memory,
        }))
    }

    fn wait(&self) -> std::io::Result<Ready> {
        let mut fds = vec![PollFd::new(&self.child.pidfd, PollFlags::IN)];
        let control = (!self.caller_left).then(|| push(&mut fds, self.control));
        let channel = self.channel.as_ref().map(|channel| push(&mut fds, channel));
        // Only until the start: a step that loses its network later sees that by itself.
        let waits = channel.is_some();
        let speaker = self.line.speaker().filter(|_| waits);
        let speaker = speaker.map(|speaker| {
            fds.push(PollFd::from_borrowed_fd(speaker, PollFlags::IN));
            fds.len() - 1
        });
        let timeout = self.next_tick();
        match rustix::event::poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let is_ready = |position: usize| !fds[position].revents().is_empty();
        Ok(Ready {
            child: is_ready(0),
            control: control.is_some_and(is_ready),
            channel: channel.is_some_and(is_ready),
            speaker: speaker.is_some_and(is_ready),
        })
    }

    fn next_tick(&self) -> Option<Timespec> {
        let to_deadline = self
            .deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let tick = self.watch.as_ref().map(Watch::interval);
        let wait = match (to_deadline, tick) {
            (Some(one), Some(other)) => one.min(other),
            (one, other) => one.or(other)?,
        };
        // Rounded up: waking just before the deadline would spin.
        (wait + Duration::from_micros(500)).try_into().ok()
    }

    fn handle_report(&mut self) -> Setup<()> {
        let Some(channel) = &self.channel else {
            return Ok(());
        };
        let message = channel.receive().attempt_to("hear from the sandbox")?;
        let Some(mut message) = message else {
            self.channel = None;
            return self.handle_silence();
        };
        let report: Report = serde_json::from_slice(&message.bytes)
            .map_err(std::io::Error::from)
            .attempt_to("understand the sandbox")?;
        let forward = |fds: &[OwnedFd]| {
            let fds: Vec<_> = fds.iter().map(AsFd::as_fd).collect();
            self.control
                .send(&message.bytes, &fds)
                .attempt_to("report to the caller")
        };
        match report {
            Report::Ready { stubs, .. } => {
                forward(&message.fds)?;
                self.stubs = stubs;
                if matches!(self.work, Work::Step(_)) && message.fds.len() > 2 {
                    self.proc_view = Some(message.fds.swap_remove(2));
                }
                let go = Go {
                    cable: self.line.cable(),
                };
                let go = serde_json::to_vec(&go)
                    .map_err(std::io::Error::from)
                    .attempt_to("write an order")?;
                channel.send(&go, &[]).attempt_to("start the command")?;
            }
            Report::Failed(_) | Report::JobDone => {
                self.reported = true;
                forward(&[])?;
            }
            Report::Started | Report::Ended(_) => {}
        }
        Ok(())
    }

    /// The child's end of the channel closed: the command was executed, or the child ended.
    fn handle_silence(&mut self) -> Setup<()> {
        if self.reported || self.caller_left || matches!(self.work, Work::Job { .. }) {
            return Ok(());
        }
        send_report(self.control, &Report::Started, &[]).attempt_to("report the start")?;
        let Work::Step(step) = self.work else {
            return Ok(());
        };
        self.deadline = step.limits.timeout.map(|timeout| Instant::now() + timeout);
        let written = self.written.as_ref().map(Written::try_clone);
        let written = written.transpose().attempt_to("share the upper folder")?;
        self.watch = Watch::start(step, self.proc_view.take(), written);
        Ok(())
    }

    fn clear_stubs(&self) {
        let Some(Written { upper, place, .. }) = &self.written else {
            return;
        };
        if self.stubs.is_empty() {
            return;
        }
        // Stubs that stay are told to the caller by name, so nothing depends on this.
        let errand = place.send(|| {
            remove_stubs(upper, &self.stubs);
            Vec::new()
        });
        if let Ok(errand) = errand {
            errand.finish();
        }
    }

    /// Kills the first process of the pid namespace, and with it all others (pid_namespaces(7)).
    fn stop(&mut self, reason: Stopped) -> Setup<()> {
        if self.stopped.is_none() {
            self.stopped = Some(reason);
        }
        self.watch = None;
        match rustix::process::pidfd_send_signal(&self.child.pidfd, Signal::KILL) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error).attempt_to("kill the step"),
        }
    }
}

/// What can be read.
struct Ready {
    child: bool,
    control: bool,
    channel: bool,
    speaker: bool,
}

fn push<'fd>(fds: &mut Vec<PollFd<'fd>>, channel: &'fd Channel) -> usize {
    fds.push(PollFd::new(channel, PollFlags::IN));
    fds.len() - 1
}

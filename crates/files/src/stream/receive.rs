//! The receiving end, which puts files in place.

use std::os::fd::{AsFd as _, BorrowedFd};

use super::wire::{Carried, Record, Records};
use super::{ACK, Message, Port};
use crate::place::{Content, Placer};
use crate::{Error, Placed, Placement, Result};

/// Takes what [`send`](super::send) sends, and puts it beneath the root.
///
/// Links on the way to the destination are followed as if the root were the whole system, and none from there on.
/// Nobody else may work in the tree. After an error the tree is unfinished, and the sender is told by closing the
/// connection.
///
/// # Errors
/// [`Error::NonDirectory`], [`Error::ReplacesDirectory`] and [`Error::BelowFile`] where kinds do not fit, with
/// BuildKit's words; [`Error::NoAccounts`]; [`Error::Changed`]; [`Error::Stream`] when the stream ends too early.
pub fn receive(port: &dyn Port, root: BorrowedFd<'_>, placement: &Placement) -> Result<Placed> {
    let mut placer = Placer::new(root, placement)?;
    loop {
        let Some(message) = port.receive().map_err(Error::Port)? else {
            return Err(Error::Stream {
                reason: "it ended too early",
            });
        };
        let is_last = place_message(&mut placer, &message)?;
        let had_fds = !message.fds.is_empty();
        drop(message);
        if had_fds || is_last {
            port.send(ACK, &[]).map_err(Error::Port)?;
        }
        if is_last {
            return placer.finish();
        }
    }
}

/// Whether it was the last one.
fn place_message(placer: &mut Placer<'_>, message: &Message) -> Result<bool> {
    let mut fds = message.fds.iter();
    let mut records = Records::new(&message.bytes);
    while let Some(record) = records.next()? {
        match record {
            Record::End => return Ok(true),
            Record::Part { name, is_directory } => placer.begin(name, is_directory)?,
            Record::Entry(entry, carried) => {
                let content = match carried {
                    Carried::Nothing => Content::None,
                    Carried::Inline(bytes) => Content::Bytes(bytes),
                    Carried::Descriptor => Content::File(
                        fds.next()
                            .ok_or(Error::Stream {
                                reason: "a descriptor is missing",
                            })?
                            .as_fd(),
                    ),
                };
                placer.put(&entry, content)?;
            }
        }
    }
    Ok(false)
}

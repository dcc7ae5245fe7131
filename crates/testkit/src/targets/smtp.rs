//! A mail server: as much of SMTP (RFC 5321), STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4954) as a sender needs.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::mailbox::{MailVerdict, ReceivedMail};
use crate::git::make_tls;

const READ_TIMEOUT: Duration = Duration::from_secs(60);

type Judge = Box<dyn Fn(&str) -> MailVerdict + Send>;

/// How senders are spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSinkSecurity {
    /// Without TLS.
    Plain,
    /// Plain first; mail only after STARTTLS.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// A mail server on loopback, until it is dropped.
pub struct MailSink {
    port: u16,
    certificate: String,
    shared: Arc<Shared>,
}

struct Shared {
    security: MailSinkSecurity,
    tls: Arc<ServerConfig>,
    /// Who may send; everybody when there is nobody.
    login: Option<(String, String)>,
    judge: Mutex<Judge>,
    mails: Mutex<Vec<ReceivedMail>>,
    bell: Condvar,
    is_stopped: AtomicBool,
}

impl MailSink {
    /// One that takes everything; with a login, only from whoever signs in with it.
    pub fn start(security: MailSinkSecurity, login: Option<(&str, &str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let port = listener.local_addr().expect("an address").port();
        let (tls, certificate) = make_tls();
        let shared = Arc::new(Shared {
            security,
            tls,
            login: login.map(|(user, password)| (user.to_owned(), password.to_owned())),
            judge: Mutex::new(Box::new(|_| MailVerdict::Take)),
            mails: Mutex::default(),
            bell: Condvar::new(),
            is_stopped: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        thread::Builder::new()
            .name("mail server".into())
            .spawn(move || accept(&listener, &serving))
            .expect("a thread that accepts");
        Self {
            port,
            certificate,
            shared,
        }
    }

    /// Where it listens, on `127.0.0.1` and by the name `localhost`.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What senders have to believe, in PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Judges recipients so from now on.
    pub fn judge_by(&self, judge: impl Fn(&str) -> MailVerdict + Send + 'static) {
        *lock(&self.shared.judge) = Box::new(judge);
    }

    /// Everything that came so far.
    pub fn mails(&self) -> Vec<ReceivedMail> {
        lock(&self.shared.mails).clone()
    }

    /// Waits until so many mails have come, and answers them all; fails when they do not come.
    #[track_caller]
    pub fn wait_for(&self, count: usize, patience: Duration) -> Vec<ReceivedMail> {
        let mails = lock(&self.shared.mails);
        let is_short = |mails: &mut Vec<ReceivedMail>| mails.len() < count;
        let waited = self
            .shared
            .bell
            .wait_timeout_while(mails, patience, is_short);
        let (mails, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(
            !timeout.timed_out(),
            "{} of {count} mails came",
            mails.len()
        );
        mails.clone()
    }
}

impl Drop for MailSink {
    fn drop(&mut self) {
        self.shared.is_stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts; if that fails, it ends with the test process.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.is_stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // A sender that goes away in the middle has its reason.
            let _ = serve(stream, &shared);
        });
    }
}

fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    if shared.security == MailSinkSecurity::Tls {
        let stream = encrypt(stream, shared)?;
        return Session::new(stream, shared, true).run(true).map(drop);
    }
    let wants_tls = Session::new(stream.try_clone()?, shared, false).run(true)?;
    if wants_tls {
        let stream = encrypt(stream, shared)?;
        Session::new(stream, shared, true).run(false)?;
    }
    Ok(())
}

fn encrypt(
    stream: TcpStream,
    shared: &Shared,
) -> io::Result<StreamOwned<ServerConnection, TcpStream>> {
    let session = ServerConnection::new(Arc::clone(&shared.tls)).map_err(io::Error::other)?;
    Ok(StreamOwned::new(session, stream))
}

struct Session<'a, S: Read + Write> {
    stream: BufReader<S>,
    shared: &'a Shared,
    is_encrypted: bool,
    user: Option<String>,
    from: String,
    recipients: Vec<String>,
}

impl<'a, S: Read + Write> Session<'a, S> {
    fn new(stream: S, shared: &'a Shared, is_encrypted: bool) -> Self {
        Self {
            stream: BufReader::new(stream),
            shared,
            is_encrypted,
            user: None,
            from: String::new(),
            recipients: Vec::new(),
        }
    }

    /// Speaks until the sender leaves; answers whether it wants TLS now.
    fn run(&mut self, greets: bool) -> io::Result<bool> {
        if greets {
            self.say("220 mail.test ESMTP")?;
        }
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Ok(false);
            }
            let line = line.trim_end();
            let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
            match &*verb.to_ascii_uppercase() {
                "EHLO" => self.say_features()?,
                "STARTTLS" if self.offers_tls() => {
                    self.say("220 go ahead")?;
                    return Ok(true);
                }
                "AUTH" => self.sign_in(rest)?,
                _ if self.offers_tls() => self.say("530 5.7.0 first STARTTLS")?,
                "MAIL" | "RCPT" | "DATA" if self.lacks_login() => {
                    self.say("530 5.7.0 who are you?")?;
                }
                "MAIL" => {
                    self.from = find_address(rest);
                    self.recipients.clear();
                    self.say("250 2.1.0 ok")?;
                }
                "RCPT" => self.take_recipient(&find_address(rest))?,
                "DATA" => self.take_mail()?,
                "QUIT" => {
                    self.say("221 2.0.0 bye")?;
                    return Ok(false);
                }
                "RSET" | "NOOP" => self.say("250 2.0.0 ok")?,
                _ => self.say("502 5.5.2 unknown")?,
            }
        }
    }

    fn offers_tls(&self) -> bool {
        self.shared.security == MailSinkSecurity::StartTls && !self.is_encrypted
    }

    fn lacks_login(&self) -> bool {
        self.shared.login.is_some() && self.user.is_none()
    }

    fn say_features(&mut self) -> io::Result<()> {
        self.say("250-mail.test")?;
        if self.offers_tls() {
            self.say("250-STARTTLS")?;
        } else if self.shared.login.is_some() {
            self.say("250-AUTH PLAIN")?;
        }
        self.say("250 8BITMIME")
    }

    fn sign_in(&mut self, rest: &str) -> io::Result<()> {
        let encoded = rest.strip_prefix("PLAIN ").unwrap_or_default();
        let decoded = STANDARD.decode(encoded).unwrap_or_default();
        let text = String::from_utf8_lossy(&decoded).into_owned();
        let parts: Vec<_> = text.split('\0').collect();
        match (&*parts, &self.shared.login) {
            ([_, user, password], Some(login))
                if (&login.0, &login.1) == (&(*user).to_owned(), &(*password).to_owned()) =>
            {
                self.user = Some((*user).to_owned());
                self.say("235 2.7.0 welcome")
            }
            _ => self.say("535 5.7.8 wrong password"),
        }
    }

    fn take_recipient(&mut self, address: &str) -> io::Result<()> {
        let verdict = lock(&self.shared.judge)(address);
        match verdict {
            MailVerdict::Take => {
                self.recipients.push(address.to_owned());
                self.say("250 2.1.5 ok")
            }
            MailVerdict::Defer => self.say("451 4.7.1 come back later"),
            MailVerdict::Refuse => self.say("550 5.1.1 no such mailbox"),
        }
    }

    fn take_mail(&mut self) -> io::Result<()> {
        if self.recipients.is_empty() {
            return self.say("554 5.5.1 no recipients");
        }
        self.say("354 go ahead")?;
        let mut text = String::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if line == ".\r\n" {
                break;
            }
            text.push_str(line.strip_prefix('.').unwrap_or(&line));
        }
        lock(&self.shared.mails).push(ReceivedMail {
            from: self.from.clone(),
            recipients: self.recipients.clone(),
            text,
            is_encrypted: self.is_encrypted,
            user: self.user.clone(),
        });
        self.shared.bell.notify_all();
        self.say("250 2.0.0 queued as TEST1")
    }

    fn say(&mut self, line: &str) -> io::Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(format!("{line}\r\n").as_bytes())?;
        stream.flush()
    }
}

/// What stands in `<>`.
fn find_address(text: &str) -> String {
    let (_, rest) = text.split_once('<').unwrap_or_default();
    rest.split('>').next().unwrap_or_default().to_owned()
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

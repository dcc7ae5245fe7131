//! One mail, one session with the server (RFC 5321).

use super::compose::RenderedMail;
use super::recipient::Recipient;
use super::server::{MailSecurity, MailServer};
use super::tls::encrypt;
use crate::target::exchange::{Exchange, Outcome, ReasonWord, ShownResponse, Timings};
use crate::target::send::LONGEST_EXCHANGE;
use crate::text::quote;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, AsyncTokioStream, Certificate, TlsParameters,
};
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use wharf_egress::{Egress, Policy, Protocol};

/// How long a goodbye may take. The mail is with the server by then.
const LONGEST_GOODBYE: Duration = Duration::from_secs(2);

/// Gives the mail to the server once. Whatever happens is an [`Exchange`]; nothing is tried again here.
///
/// It goes to all recipients or, while the server defers one, to nobody yet; those that it refuses for good are left
/// out and named in the response.
pub async fn send_mail(egress: &Egress, server: &MailServer, mail: &RenderedMail) -> Exchange {
    let started = Instant::now();
    let verdict = match timeout(LONGEST_EXCHANGE, deliver(egress, server, mail)).await {
        Ok(Ok(verdict)) => verdict,
        Ok(Err(failure)) => failure.judge(server),
        Err(_) => Verdict {
            outcome: Outcome::retry(ReasonWord::TimedOut, ""),
            response: None,
        },
    };
    Exchange {
        request: mail.show(),
        response: verdict.response,
        timings: Timings {
            waited: started.elapsed(),
            read: Duration::ZERO,
        },
        outcome: verdict.outcome,
    }
}

/// How a session ended.
struct Verdict {
    outcome: Outcome,
    response: Option<ShownResponse>,
}

/// Where a session broke off.
enum Failure {
    /// Before the mail was spoken of: name, connection, TLS, signing in. It is the operator's to mend, so it is tried
    /// again whatever the server said.
    Before(String),
    /// While the mail was given over.
    During(Error),
}

impl Failure {
    fn before(error: impl std::fmt::Display) -> Failure {
        Failure::Before(error.to_string())
    }

    fn judge(self, server: &MailServer) -> Verdict {
        let secret = server.credentials.as_ref().map(|(_, password)| password);
        let secrets: Vec<_> = secret.into_iter().collect();
        let tidy = |text: &str| quote(text, &secrets).trim_start_matches(": ").to_owned();
        match self {
            Failure::Before(text) => Verdict {
                outcome: Outcome::retry(ReasonWord::Unreachable, tidy(&text)),
                response: None,
            },
            Failure::During(error) => {
                let said = tidy(&describe(&error));
                let outcome = match error.status() {
                    Some(_) if error.is_permanent() => {
                        Outcome::refused(ReasonWord::MailRefused, said.clone())
                    }
                    Some(_) => Outcome::retry(ReasonWord::MailDeferred, said.clone()),
                    None => Outcome::retry(ReasonWord::Unreachable, said.clone()),
                };
                Verdict {
                    outcome,
                    response: error.status().map(|code| make_response(code.into(), said)),
                }
            }
        }
    }
}

async fn deliver(
    egress: &Egress,
    server: &MailServer,
    mail: &RenderedMail,
) -> Result<Verdict, Failure> {
    let mut session = open_session(egress, server).await?;
    let outcome = hand_over(&mut session, server, mail).await;
    let _ = timeout(LONGEST_GOODBYE, session.command(Quit)).await;
    outcome.map_err(Failure::During)
}

async fn hand_over(
    session: &mut AsyncSmtpConnection,
    server: &MailServer,
    mail: &RenderedMail,
) -> Result<Verdict, Error> {
    let from = Some(server.from.email.clone());
    session.command(Mail::new(from, vec![])).await?;
    let mut refused: Vec<(&Recipient, Error)> = Vec::new();
    for recipient in &mail.recipients {
        let address = recipient.address().clone();
        match session.command(Rcpt::new(address, vec![])).await {
            Ok(_) => {}
            Err(error) if error.is_permanent() => refused.push((recipient, error)),
            Err(error) => return Err(error),
        }
    }
    if refused.len() == mail.recipients.len()
        && let Some((_, error)) = refused.pop()
    {
        return Err(error);
    }
    session.command(Data).await?;
    let response = session.message(&mail.bytes).await?;
    let mut lines: Vec<_> = response.message().map(str::to_owned).collect();
    for (recipient, error) in &refused {
        lines.push(format!("{recipient}: {}", describe(error)));
    }
    Ok(Verdict {
        outcome: Outcome::Delivered,
        response: Some(make_response(response.code().into(), lines.join("\n"))),
    })
}

async fn open_session(
    egress: &Egress,
    server: &MailServer,
) -> Result<AsyncSmtpConnection, Failure> {
    // The operator said where it is; no user has a part in that.
    let stream = egress
        .with_policy(Policy::operator())
        .connect(&server.host, server.port, Protocol::Other)
        .await
        .map_err(Failure::before)?;
    let hello = ClientId::Domain(server.from.email.domain().to_owned());
    let stream: Box<dyn AsyncTokioStream> = match server.security {
        MailSecurity::Tls => Box::new(encrypt(server, stream).await.map_err(Failure::before)?),
        MailSecurity::StartTls | MailSecurity::None => Box::new(stream),
    };
    let mut session = AsyncSmtpConnection::connect_with_transport(stream, &hello)
        .await
        .map_err(|error| Failure::Before(describe(&error)))?;
    if server.security == MailSecurity::StartTls {
        let parameters = make_parameters(server).map_err(Failure::before)?;
        session
            .starttls(parameters, &hello)
            .await
            .map_err(|error| Failure::Before(describe(&error)))?;
    }
    if let Some((username, password)) = &server.credentials {
        let credentials = Credentials::new(username.clone(), password.expose().to_owned());
        session
            .auth(DEFAULT_MECHANISMS, &credentials)
            .await
            .map_err(|error| Failure::Before(describe(&error)))?;
    }
    Ok(session)
}

fn make_parameters(server: &MailServer) -> Result<TlsParameters, Error> {
    let mut builder = TlsParameters::builder(server.host.clone());
    if let Some(pem) = &server.authorities {
        builder = builder.add_root_certificate(Certificate::from_pem(pem)?);
    }
    builder.build_rustls()
}

/// `550: what the server said`, or what went wrong on the way.
fn describe(error: &Error) -> String {
    let source = std::error::Error::source(error).map(ToString::to_string);
    let text = source.unwrap_or_else(|| error.to_string());
    match error.status() {
        Some(code) => format!("{code}: {text}"),
        None => text,
    }
}

fn make_response(status: u16, body: String) -> ShownResponse {
    ShownResponse {
        status,
        headers: Vec::new(),
        body,
        is_cut: false,
    }
}

use super::*;
use crate::target::TargetError;
use crate::target::fixture::make_facts;
use wharf_messages::Language;
use wharf_model::Timestamp;
use wharf_model::triggers::EventKind;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_100);

fn server() -> MailServer {
    MailServer::new(
        "mail.example",
        None,
        MailSecurity::StartTls,
        "wharf <wharf@mail.example>",
    )
    .expect("a sender")
    .with_recipients(vec![RecipientRule::Anyone])
}

#[test]
fn mails_go_to_the_senders_own_domain_unless_the_operator_says_more() {
    let own = || MailServer::new("h", None, MailSecurity::Tls, "wharf@mail.example").expect("it");
    let rules = |texts: &[&str]| {
        let rules = texts.iter().map(|text| text.parse().expect(text));
        own().with_recipients(rules.collect())
    };
    let facts = make_facts(EventKind::BuildFailed);
    let goes = |server: &MailServer, to: &[&str]| {
        render_mail(server, &target(to), &facts, "id", NOW).is_ok()
    };
    assert!(goes(&own(), &["a@mail.example", "b@MAIL.example"]));
    for stranger in ["a@b.example", "a@x.mail.example", "a@example"] {
        assert!(!goes(&own(), &["a@mail.example", stranger]), "{stranger}");
    }
    let some = rules(&["b.example", "ops@c.example"]);
    assert!(goes(&some, &["a@b.example", "ops@C.example"]));
    assert!(!goes(&some, &["a@c.example"]) && !goes(&some, &["a@mail.example"]));
    assert!(goes(&rules(&["*"]), &["a@b.example"]));
    for bad in ["", "a b", "@c.example", "*.example"] {
        assert!(bad.parse::<RecipientRule>().is_err(), "{bad:?}");
    }
}

fn target(recipients: &[&str]) -> MailTarget {
    let parse = |text: &&str| Recipient::parse(text).expect(text);
    MailTarget {
        recipients: recipients.iter().map(parse).collect(),
        language: Language::En,
        template: None,
    }
}

#[test]
fn an_address_is_plain_or_refused() {
    for good in [
        "a@b.example",
        "first.last+tag@mail-1.b.example",
        "o'hara@localhost",
    ] {
        assert_eq!(Recipient::parse(good).expect(good).to_string(), good);
    }
    for bad in [
        "",
        "a",
        "@b.example",
        "a@",
        "a@b..example",
        "a@-b.example",
        "a@b.example\r\nBcc: c@d.example",
        "a\r\n@b.example",
        "a@b.example, c@d.example",
        "<a@b.example>",
        "\"a b\"@b.example",
        "a@[127.0.0.1]",
        "ü@b.example",
        "a@bücher.example",
        &format!("{}@b.example", "a".repeat(250)),
    ] {
        let refused = Recipient::parse(bad);
        assert!(
            matches!(refused, Err(TargetError::Recipient { .. })),
            "{bad:?}"
        );
    }
}

#[test]
fn recipients_are_some_each_once_and_not_too_many() {
    let check = |recipients: &[&str]| target(recipients).check(&[EventKind::TagCreated]).is_ok();
    assert!(check(&["a@b.example", "c@d.example"]));
    assert!(!check(&[]));
    assert!(!check(&["a@b.example", "a@b.example"]));
    let many: Vec<_> = (0..=MOST_RECIPIENTS)
        .map(|n| format!("a{n}@b.example"))
        .collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    assert!(!check(&many));
}

#[test]
fn a_mail_has_one_stable_id_and_clean_headers() {
    let mut facts = make_facts(EventKind::BuildFailed);
    facts.actor = "eve\r\nBcc: everybody@evil.example".to_owned();
    let target = target(&["a@b.example", "c@d.example"]);
    let render = |now| render_mail(&server(), &target, &facts, "0189-id", now).expect("a mail");
    let text = String::from_utf8(render(NOW).bytes).expect("text");
    let (head, body) = text.split_once("\r\n\r\n").expect("head and body");
    for line in [
        "From: wharf <wharf@mail.example>",
        "To: a@b.example, c@d.example",
        "Message-ID: <0189-id@mail.example>",
        "Auto-Submitted: auto-generated",
        "Date: Tue, 14 Nov 2023 22:15:00 +0000",
    ] {
        assert!(head.contains(line), "{line} in {head}");
    }
    assert!(!head.contains("Bcc") && !body.contains("\nBcc"), "{text}");
    assert!(head.contains("Build 12 of"), "{head}");
    let later = render(NOW.plus(std::time::Duration::from_secs(60)));
    let later = String::from_utf8(later.bytes).expect("text");
    assert!(later.contains("<0189-id@mail.example>"));
}

#[test]
fn a_chinese_mail_is_ascii_on_the_way_and_a_template_replaces_the_text() {
    let mut target = target(&["a@b.example"]);
    target.language = Language::Zh;
    target.template = Some("第 {{ build.number }} 次构建：{{ build.reason }}".to_owned());
    assert_eq!(target.check(&[EventKind::BuildFailed]), Ok(()));
    let facts = make_facts(EventKind::BuildFailed);
    let mail = render_mail(&server(), &target, &facts, "id", NOW).expect("a mail");
    assert!(mail.bytes.is_ascii());
    assert_eq!(mail.show().body, "第 12 次构建：step_failed");
    let subject = mail.show().headers[2].1.clone();
    assert!(subject.contains("失败"), "{subject}");
}

#[test]
fn a_sender_that_is_none_is_refused() {
    for from in ["", "wharf", "a@b.example\r\nX: y", "wharf <a@b.example"] {
        let server = MailServer::new("mail.example", None, MailSecurity::Tls, from);
        assert!(server.is_err(), "{from:?}");
    }
}

//! Mails, as far as a server of mail is not needed for it.

use super::scene::Scene;
use crate::{
    Clock, Settings,
    triggers::{ActionSpec, LanguageText, MailSpec},
};
use std::time::Duration;
use wharf_integrations::target::mail::{MailSecurity, MailServer};

#[tokio::test(flavor = "multi_thread")]
async fn mails_beyond_those_of_an_hour_wait_for_the_next() {
    let mut settings = Settings::default();
    // Nobody listens there: a mail that was handed over is one that failed.
    let server = MailServer::new("127.0.0.1", Some(9), MailSecurity::None, "w@mail.example");
    settings.mail = Some(server.unwrap());
    settings.triggers.mails_per_hour = 1;
    let scene = Scene::make_with(settings).await;
    let spec = ActionSpec::Mail(MailSpec {
        recipients: vec!["dev@mail.example".into()],
        language: LanguageText::default(),
        template: None,
    });
    scene.add_trigger("mail", spec).await;
    scene.push("v1", '1', None).await;
    scene.push("v2", '2', None).await;
    scene.fan_out().await;
    scene.step().await;
    let made = scene.deliveries().await;
    let reasons: Vec<_> = made
        .iter()
        .filter_map(|one| one.reason.as_deref())
        .collect();
    assert_eq!(reasons, ["unreachable", "mails_per_hour"]);
    assert!(
        scene.attempts(made[1].id).await.is_empty(),
        "nobody heard it"
    );
    let hour = Duration::from_secs(3600);
    let wait = scene.clock.now().until(made[1].next_at.unwrap());
    assert_eq!(wait, hour);
    scene.clock.advance(hour);
    scene.app.deliver(made[1].id).await;
    let after = scene.deliveries().await.remove(1);
    assert_eq!(after.reason.as_deref(), Some("unreachable"));
}

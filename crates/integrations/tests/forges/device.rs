//! Signing in at GitHub by device flow.

use crate::setup::{Setup, make_egress};
use std::time::Duration;
use wharf_egress::Egress;
use wharf_integrations::Secret;
use wharf_integrations::forge::device::{
    DeviceApp, DeviceLogin, DevicePoll, poll_device_login, refresh_grant, start_device_login,
};
use wharf_integrations::forge::{ForgeAddress, ForgeError, Result};
use wharf_testkit::ForgeProduct;

struct Flow {
    setup: Setup,
    egress: Egress,
    app: DeviceApp,
}

impl Flow {
    fn new() -> Flow {
        let setup = Setup::new(ForgeProduct::GitHub);
        let (id, secret) = setup.server.application();
        Flow {
            egress: make_egress(&[setup.server.authority()]),
            app: DeviceApp {
                address: ForgeAddress::parse(setup.server.url()).expect("an address"),
                client_id: id.to_owned(),
                client_secret: Some(Secret::new(secret)),
            },
            setup,
        }
    }

    async fn start(&self) -> DeviceLogin {
        start_device_login(&self.egress, &self.app)
            .await
            .expect("a code")
    }

    async fn poll(&self, login: &DeviceLogin) -> Result<DevicePoll> {
        poll_device_login(&self.egress, &self.app, &login.device_code, login.interval).await
    }
}

fn find_reason(error: ForgeError) -> String {
    match error {
        ForgeError::DeviceLogin { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_typed_code_becomes_a_token_that_is_renewed() {
    let flow = Flow::new();
    let login = flow.start().await;
    let page = format!("{}/login/device", flow.setup.server.url());
    assert_eq!(login.verification_url.as_str(), page);
    assert_eq!(
        (login.interval, login.expires_in),
        (Duration::from_secs(5), Duration::from_secs(900))
    );
    assert!(matches!(flow.poll(&login).await, Ok(DevicePoll::Pending)));
    flow.setup.server.slow_device_down(&login.user_code, 1);
    match flow.poll(&login).await {
        Ok(DevicePoll::SlowDown { interval }) => assert_eq!(interval, Duration::from_secs(10)),
        other => panic!("{other:?}"),
    }
    flow.setup.server.approve_device(&login.user_code);
    let Ok(DevicePoll::Granted(grant)) = flow.poll(&login).await else {
        panic!("a token was expected");
    };
    assert_eq!(grant.expires_in, Some(Duration::from_secs(28800)));
    let forge = flow.setup.with_token(grant.token.expose());
    assert_eq!(forge.find_account().await.expect("an account").login, "ada");
    assert!(!format!("{login:?} {grant:?} {:?}", flow.app).contains(grant.token.expose()));

    let refresh = grant.refresh_token.expect("a refresh token");
    let renewed = refresh_grant(&flow.egress, &flow.app, &refresh)
        .await
        .expect("a new token");
    assert_ne!(renewed.token, grant.token);
    assert!(
        flow.setup
            .with_token(renewed.token.expose())
            .find_account()
            .await
            .is_ok()
    );
    let error = refresh_grant(&flow.egress, &flow.app, &refresh)
        .await
        .expect_err("used up");
    assert_eq!(
        find_reason(error),
        "the authorization has ended; connect again"
    );
    let error = flow.poll(&login).await.expect_err("used up");
    assert_eq!(find_reason(error), "it does not know the code; begin again");
}

#[tokio::test]
async fn a_refusal_and_an_ended_code_end_the_flow() {
    let flow = Flow::new();
    let login = flow.start().await;
    flow.setup.server.refuse_device(&login.user_code);
    assert_eq!(
        find_reason(flow.poll(&login).await.expect_err("refused")),
        "the person refused"
    );
    let login = flow.start().await;
    flow.setup.server.expire_device(&login.user_code);
    let reason = find_reason(flow.poll(&login).await.expect_err("ended"));
    assert_eq!(reason, "the code has ended; begin again");
}

#[tokio::test]
async fn an_unknown_application_is_told_apart() {
    let mut flow = Flow::new();
    flow.app.client_id = "unknown".to_owned();
    let error = start_device_login(&flow.egress, &flow.app)
        .await
        .expect_err("unknown");
    assert!(find_reason(error).contains("no such application"));
    let error = start_device_login(&make_egress(&[]), &flow.app)
        .await
        .expect_err("not allowed");
    assert!(
        error.hint().expect("a hint").contains("[egress] allow"),
        "{error:?}"
    );
}

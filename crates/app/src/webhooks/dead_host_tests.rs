//! A code host that accepts connections and never answers, beside one that does.

use super::{HostRemoval, end::token_of_removal, work::BOUNDS};
use crate::{
    App, Settings, StartOptions, SystemClock,
    builds::{BuildSettings, CannotBuild},
    lanes::Lanes,
    sources::{Source, secret_of_source},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use wharf_client::Registries;
use wharf_db::{DatabaseUrl, DbError, Durability, host_removals, sources, users};
use wharf_egress::{Egress, EgressSettings, Policy};
use wharf_model::{RemovalId, SecretText, SourceId, SourceKind, SourceMethod, UserId};

/// Well below the time that a host may take for one call, well above what a busy machine takes for all of this.
const SOON: Duration = Duration::from_secs(10);

/// More than there are lanes.
const MANY: usize = 40;

/// A host that takes connections and says nothing.
async fn start_dead_host() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    address
}

/// A host that has nothing of what it is asked for, and tells of each request.
async fn start_live_host() -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, tell.clone()));
        }
    });
    (address, told)
}

async fn answer(mut stream: TcpStream, tell: mpsc::UnboundedSender<String>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let line = String::from_utf8_lossy(&head)
        .lines()
        .next()
        .map(str::to_owned);
    let _ = tell.send(line.unwrap_or_default());
    let answer = "HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    let _ = stream.write_all(answer.as_bytes()).await;
}

async fn start_app(folder: &std::path::Path, hosts: [SocketAddr; 2]) -> App {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let allow = hosts.map(|host| host.to_string().parse().unwrap());
    let options = StartOptions {
        data_dir: folder.to_owned(),
        database: DatabaseUrl::Sqlite(folder.join("wharf.db")),
        settings: Settings {
            public_url: Some("http://127.0.0.1:5000".into()),
            ..Settings::default()
        },
        clock: Arc::new(SystemClock),
        egress: Egress::new(EgressSettings::new(Policy::server(allow))).unwrap(),
        registries: Registries::default(),
        builds: BuildSettings::unable(CannotBuild {
            problem: "nothing is built in this test".to_owned(),
            hint: None,
        }),
        git: Err(CannotBuild {
            problem: "git is not asked in this test".to_owned(),
            hint: None,
        }),
        admin_password: Some("a fine long phrase".to_owned()),
    };
    App::start(options).await.unwrap().0
}

/// Keeps an account at a host.
async fn keep_source(app: &App, host: SocketAddr) -> Source {
    let (vault, now) = (app.vault.clone(), app.clock.now());
    let kept = app.db.write(Durability::Durable, move |tx| {
        let source = Source {
            id: SourceId::new(),
            owner: users::find_id(tx, &"admin".parse().unwrap())?.unwrap(),
            owner_name: "admin".parse().unwrap(),
            owner_disabled: false,
            kind: SourceKind::Gitea,
            address: format!("http://{host}").parse().unwrap(),
            account: "ada".into(),
            method: SourceMethod::Token,
            ca: None,
            host_keys: None,
            host_keys_origin: None,
            public_key: None,
            problem: None,
            problem_detail: String::new(),
            state_since: now,
            checked_at: None,
            token_expires_at: None,
            created_at: now,
        };
        assert!(sources::insert_source(tx, &source)?);
        let place = secret_of_source(source.id);
        vault.seal(tx, &place, &SecretText::new("a-token"), now)?;
        Ok::<_, crate::Error>(source)
    });
    kept.await.unwrap()
}

async fn keep_removal(app: &App, host: SocketAddr, number: usize) -> RemovalId {
    let (vault, now) = (app.vault.clone(), app.clock.now());
    let removal = HostRemoval {
        id: RemovalId::new(),
        owner: UserId::new(),
        owner_name: "ada".into(),
        what: String::from("webhook"),
        kind: SourceKind::Gitea,
        address: format!("http://{host}").parse().unwrap(),
        ca: None,
        remote: format!("acme/app{number}").parse().unwrap(),
        host_id: number.to_string(),
        attempts: 0,
        next_at: now,
        problem_detail: String::new(),
        given_up: false,
        created_at: now,
    };
    let id = removal.id;
    let kept = app.db.write(Durability::Durable, move |tx| {
        host_removals::insert_removal(tx, &removal)?;
        vault.seal(tx, &token_of_removal(id), &SecretText::new("a-token"), now)
    });
    kept.await.unwrap();
    id
}

#[tokio::test]
async fn a_host_that_never_answers_holds_up_nobody_elses_removals() {
    let folder = tempfile::tempdir().unwrap();
    let dead = start_dead_host().await;
    let (alive, _told) = start_live_host().await;
    let app = start_app(folder.path(), [dead, alive]).await;
    for number in 0..MANY {
        keep_removal(&app, dead, number).await;
    }
    let removal = keep_removal(&app, alive, 7).await;
    let running = tokio::spawn(app.clone().run_webhooks());
    let removed = async {
        loop {
            let find = app
                .db
                .read(move |tx| host_removals::find_removal(tx, None, removal));
            let left: Result<_, DbError> = find.await;
            if left.unwrap().is_none() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let done = timeout(SOON, removed).await;
    running.abort();
    assert!(done.is_ok(), "what was at the live host was not removed");
}

#[tokio::test]
async fn a_host_that_never_answers_holds_up_nobody_elses_webhooks() {
    let folder = tempfile::tempdir().unwrap();
    let dead = start_dead_host().await;
    let (alive, mut told) = start_live_host().await;
    let app = start_app(folder.path(), [dead, alive]).await;
    let dead = keep_source(&app, dead).await.id;
    let live = keep_source(&app, alive).await.id;
    for number in 0..MANY {
        let remote = format!("acme/app{number}").parse().unwrap();
        app.want_webhook_of(dead, &remote).await.unwrap();
    }
    let remote = "acme/live".parse().unwrap();
    app.want_webhook_of(live, &remote).await.unwrap();
    // No rule wants them, so they are not left to the whole loop, which would take them away.
    let mut lanes = Lanes::new(BOUNDS);
    app.tend_due(&mut lanes).await.unwrap();
    let line = timeout(SOON, told.recv()).await;
    let line = line.expect("the live host was not asked").unwrap();
    assert!(line.contains("acme/live/hooks"), "{line}");
}

//! Putting the parts together, and what happens only on the first start.

use crate::{
    BoxError, Clock, Error, Settings,
    access::{Keys, Passwords, Throttle},
    accounts::OidcDesk,
    administration::CheckDesk,
    audit::AuditExports,
    builds::{BuildDesk, BuildSettings, CannotBuild},
    configuration::{Configuration, ConfigurationDesk, LiveSettings, StoredSetting, read_stored},
    memory::Memory,
    places::WorkPlaces,
    registry::PullCounter,
    requests::RequestRoom,
    rules::{GitGate, Watching},
    stats::TrafficCounters,
    streams::StreamRoom,
    triggers::TriggerDesk,
    turns::Turns,
    vault::Vault,
    webhooks::Hooks,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use wharf_blobs::Store;
use wharf_client::Registries;
use wharf_db::{DatabaseUrl, Db, Durability, accounts, users};
use wharf_egress::Egress;
use wharf_git::Git;
use wharf_model::{NamespaceId, Role, SourceId, UserId, Username};

/// The product without a network. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What [`App`] is made of.
pub struct Parts {
    pub(crate) db: Db,
    pub(crate) blobs: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Settings,
    pub(crate) configuration: ConfigurationDesk,
    pub(crate) check: CheckDesk,
    pub(crate) memory: Memory,
    pub(crate) keys: Keys,
    pub(crate) passwords: Passwords,
    pub(crate) throttle: Throttle,
    pub(crate) pulls: PullCounter,
    pub(crate) traffic: TrafficCounters,
    pub(crate) vault: Vault,
    pub(crate) egress: Egress,
    pub(crate) registries: Registries,
    pub(crate) builds: BuildDesk,
    pub(crate) hooks: Hooks,
    /// Turns of those who renew tokens of code hosts: what renews one is good once.
    pub(crate) renewing: Turns<SourceId>,
    pub(crate) git: Result<Git, CannotBuild>,
    pub(crate) git_gate: GitGate,
    pub(crate) watching: Watching,
    pub(crate) triggers: TriggerDesk,
    pub(crate) streams: StreamRoom,
    pub(crate) requests: RequestRoom,
    pub(crate) audit_exports: AuditExports,
    /// Work for pages that takes milliseconds: texts that are rendered, images that are compared.
    pub(crate) page_places: WorkPlaces,
    pub(crate) oidc: Option<OidcDesk>,
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What is needed to start.
#[derive(Clone)]
pub struct StartOptions {
    /// Blobs, keys and, by default, the database live here.
    pub data_dir: PathBuf,
    /// Where the rows are.
    pub database: DatabaseUrl,
    /// The operator's rules.
    pub settings: Settings,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The way out, with the server's policy and the host settings of `registries`.
    pub egress: Egress,
    /// How other registries are spoken to.
    pub registries: Registries,
    /// How builds are run.
    pub builds: BuildSettings,
    /// What asks remote repositories for their refs, or why nothing does.
    pub git: Result<Git, CannotBuild>,
    /// The first administrator's password; one is made when there is none.
    pub admin_password: Option<String>,
}

/// Why the parts could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The blob store.
    #[error("open the blob store")]
    Blobs(#[source] wharf_blobs::Error),
    /// The database.
    #[error("open the database")]
    Database(#[source] wharf_db::DbError),
    /// The keys.
    #[error("open the keys")]
    Keys(#[source] BoxError),
    /// The secrets in the database.
    #[error("look after the stored secrets")]
    Vault(#[source] Error),
    /// The folder of builds.
    #[error("open the folder of builds")]
    Builds(#[source] std::io::Error),
    /// The first administrator.
    #[error("make the first administrator")]
    Administrator(#[source] Error),
}

/// What the first start made.
#[derive(Debug, Clone)]
pub struct FirstStart {
    /// The password that was made for `admin`, to be shown once; none when the operator gave one.
    pub password: Option<String>,
}

/// Namespaces a user may make unless an administrator says otherwise.
pub(crate) const NAMESPACE_LIMIT: u64 = 10;

impl App {
    /// Opens everything below `data_dir`. On the first start the account `admin` is made.
    ///
    /// Fails when another process uses the folder, the database is damaged or newer than this program, or the
    /// given password is too weak.
    pub async fn start(options: StartOptions) -> Result<(Self, Option<FirstStart>), StartError> {
        let opened = Self::open(&options.data_dir, &options.database).await?;
        opened.start(options, None).await
    }

    /// The first half of a start: takes the folder and reads what administrators set, which decides on the options of the
    /// other half.
    pub async fn open(data_dir: &Path, database: &DatabaseUrl) -> Result<Opened, StartError> {
        let blobs = Store::open(data_dir).map_err(StartError::Blobs)?;
        let db = Db::open(database).map_err(StartError::Database)?;
        let folder = data_dir.join("keys");
        let keys = Keys::load_or_make(&folder).map_err(StartError::Keys)?;
        let vault = Vault::load_or_make(&folder).map_err(StartError::Keys)?;
        let opener = vault.clone();
        let stored = db.read(move |tx| read_stored(tx, &opener)).await;
        Ok(Opened {
            blobs,
            db,
            keys,
            vault,
            stored: stored.map_err(StartError::Vault)?,
        })
    }

    async fn make_administrator(&self, given: Option<String>) -> Result<Option<FirstStart>, Error> {
        if self.db.read(users::has_users).await.map_err(Error::from)? {
            return Ok(None);
        }
        let username: Username = "admin".parse().map_err(Error::internal)?;
        if let Some(password) = &given {
            wharf_model::check_password(&username, password).map_err(|_| Error::WeakPassword)?;
        }
        let made = given.is_none().then(make_password);
        let password = given.or_else(|| made.clone()).unwrap_or_default();
        let password_hash = self.passwords.hash(password).await?;
        let now = self.clock.now();
        let new = users::NewUser {
            id: UserId::new(),
            username: username.clone(),
            display_name: String::new(),
            email: String::new(),
            password_hash,
            password_made: made.is_some(),
            admin: true,
            namespace_limit: NAMESPACE_LIMIT,
            at: now,
        };
        let (library, own) = (NamespaceId::new(), NamespaceId::new());
        self.db
            .write(Durability::Durable, move |tx| {
                users::insert_user(tx, &new)?;
                accounts::insert_namespace(tx, library, "library", "", "system", now)?;
                accounts::insert_namespace(tx, own, username.as_str(), "", username.as_str(), now)?;
                users::set_member(tx, own, new.id, Role::Owner, now)
            })
            .await
            .map_err(Error::from)?;
        Ok(Some(FirstStart { password: made }))
    }
}

/// A data folder that is taken, and what is in it: half of a start.
pub struct Opened {
    blobs: Store,
    db: Db,
    keys: Keys,
    vault: Vault,
    stored: Vec<StoredSetting>,
}

impl Opened {
    /// What administrators set at run time.
    pub fn stored(&self) -> &[StoredSetting] {
        &self.stored
    }

    /// The second half: puts the parts together. `options` name the same folder and database; `configuration` is what
    /// reads the settings when administrators change them. On the first start the account `admin` is made.
    ///
    /// Fails when the given password is too weak.
    pub async fn start(
        self,
        options: StartOptions,
        configuration: Option<Arc<dyn Configuration>>,
    ) -> Result<(App, Option<FirstStart>), StartError> {
        let opened = self;
        let builds =
            BuildDesk::open(&options.data_dir, options.builds).map_err(StartError::Builds)?;
        let settings = options.settings;
        let oidc = settings.oidc.as_ref();
        let oidc = oidc.map(|oidc| OidcDesk::open(oidc, options.egress.clone()));
        let live = LiveSettings {
            oauth_apps: settings.oauth_apps.clone(),
            mail: settings.mail.clone(),
            triggers: settings.triggers,
        };
        let configuration = ConfigurationDesk::new(live, configuration, opened.stored);
        let app = App(Arc::new(Parts {
            db: opened.db,
            blobs: opened.blobs,
            clock: options.clock,
            configuration,
            check: CheckDesk::default(),
            memory: Memory::new(),
            keys: opened.keys,
            passwords: Passwords::new(),
            throttle: Throttle::new(settings.login_failures, settings.login_window),
            pulls: PullCounter::default(),
            traffic: TrafficCounters::default(),
            vault: opened.vault,
            egress: options.egress,
            registries: options.registries,
            builds,
            hooks: Hooks::default(),
            renewing: Turns::default(),
            git: options.git,
            git_gate: GitGate::default(),
            watching: Watching::default(),
            triggers: TriggerDesk::default(),
            streams: StreamRoom::default(),
            requests: RequestRoom::default(),
            audit_exports: AuditExports::default(),
            page_places: WorkPlaces::default(),
            oidc,
            settings,
        }));
        let first = app
            .make_administrator(options.admin_password)
            .await
            .map_err(StartError::Administrator)?;
        app.renew_seals().await.map_err(StartError::Vault)?;
        app.check_vault().await.map_err(StartError::Vault)?;
        Ok((app, first))
    }
}

/// 20 characters that nobody confuses: about 100 bits.
pub(crate) fn make_password() -> String {
    const CHARACTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";
    let random: [u8; 20] = rand::random();
    random
        .iter()
        .map(|byte| char::from(CHARACTERS[usize::from(*byte) % CHARACTERS.len()]))
        .collect()
}

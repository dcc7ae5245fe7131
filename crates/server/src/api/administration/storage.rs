//! Storage and its check, as administrators look after them.

use super::{
    super::{
        Answer, ApiState, Created,
        caller::SignedIn,
        created,
        describe::{BadBody, Clashing, Common},
        page::{Page, read_page},
        problem::Reader,
        request::{OptionalBody, Parameters},
        value::show_time,
    },
    say,
};
use axum::{Json, extract::State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wharf_app::{
    administration::{self, StorageCheckResult, StoragePage},
    fsck::Finding,
};
use wharf_messages::Language;

/// Where blobs are.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum StorageBackend {
    /// A folder of the server.
    Local,
}

/// The store.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Storage {
    backend: StorageBackend,
    /// The folder.
    folder: String,
    /// When it was last looked what is stored: once an hour.
    #[schema(required)]
    looked_at: Option<Timestamp>,
    /// Bytes of all blobs.
    #[schema(required)]
    bytes: Option<u64>,
    #[schema(required)]
    blobs: Option<u64>,
    #[schema(required)]
    tags: Option<u64>,
    /// Free bytes of the folder's file system now.
    #[schema(required)]
    free_bytes: Option<u64>,
    /// Bytes of the whole file system.
    #[schema(required)]
    total_bytes: Option<u64>,
    /// Free inodes, where the file system counts them.
    #[schema(required)]
    free_inodes: Option<u64>,
}

impl From<StoragePage> for Storage {
    fn from(page: StoragePage) -> Self {
        let stored = page.stored.map(|(_, stored)| stored);
        Self {
            backend: StorageBackend::Local,
            folder: page.folder,
            looked_at: page.stored.map(|(at, _)| show_time(at)),
            bytes: stored.map(|it| it.bytes),
            blobs: stored.map(|it| it.blobs),
            tags: stored.map(|it| it.tags),
            free_bytes: page.space.map(|space| space.bytes),
            total_bytes: page.space.map(|space| space.total),
            free_inodes: page.space.and_then(|space| space.inodes),
        }
    }
}

/// What a namespace holds.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct NamespaceUsage {
    name: String,
    description: String,
    created_at: Timestamp,
    /// Login names; none of one that only administrators own.
    owners: Vec<String>,
    repository_count: u64,
    /// Bytes at the last look; what several repositories share counts once, and what several namespaces share in each.
    #[schema(required)]
    bytes: Option<u64>,
    #[schema(required)]
    blobs: Option<u64>,
    #[schema(required)]
    tags: Option<u64>,
}

impl From<administration::NamespaceUsage> for NamespaceUsage {
    fn from(usage: administration::NamespaceUsage) -> Self {
        Self {
            name: usage.name,
            description: usage.description,
            created_at: show_time(usage.created_at),
            owners: usage.owners,
            repository_count: usage.repository_count,
            bytes: usage.stored.map(|it| it.bytes),
            blobs: usage.stored.map(|it| it.blobs),
            tags: usage.stored.map(|it| it.tags),
        }
    }
}

/// A check of rows against files to be begun.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewStorageCheck {
    /// Whether every blob's bytes are hashed again, which reads the whole store.
    #[serde(default)]
    read_bytes: bool,
}

/// How a check stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum StorageCheckState {
    /// None since the server started.
    None,
    Running,
    /// It looked at everything.
    Done,
    /// It could not go on.
    Failed,
}

/// A check of rows against files that runs, or the last one since the server started.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct StorageCheck {
    state: StorageCheckState,
    #[schema(required)]
    started_by: Option<String>,
    #[schema(required)]
    started_at: Option<Timestamp>,
    #[schema(required)]
    ended_at: Option<Timestamp>,
    /// Whether every blob's bytes are hashed again.
    read_bytes: bool,
    /// Blobs that were looked at so far.
    blobs: u64,
    /// How many findings are damaged content.
    damage: u64,
    /// How many are files without a row, which only take room.
    stray: u64,
    /// Damage first; at most 1,000.
    findings: Vec<StorageFinding>,
    /// Why it could not go on.
    #[schema(required)]
    problem: Option<String>,
}

/// Something that does not fit.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct StorageFinding {
    /// `lost_blob`, `wrong_length`, `wrong_bytes`, `unreadable`, `wrong_manifest`, `missing_reference`, `dangling_tag`,
    /// `wrong_count`, `stray_file`, `database`.
    kind: String,
    damage: bool,
    /// The same as a sentence, in the language that `Accept-Language` likes best.
    message: String,
}

impl StorageFinding {
    fn show(finding: &Finding, language: Language) -> Self {
        let kind = finding.kind();
        Self {
            message: say(language, &format!("fsck.{kind}"), &finding.parameters()),
            kind: kind.to_owned(),
            damage: finding.is_damage(),
        }
    }
}

impl StorageCheck {
    fn show(check: Option<administration::StorageCheck>, language: Language) -> Self {
        let Some(check) = check else {
            return Self {
                state: StorageCheckState::None,
                started_by: None,
                started_at: None,
                ended_at: None,
                read_bytes: false,
                blobs: 0,
                damage: 0,
                stray: 0,
                findings: Vec::new(),
                problem: None,
            };
        };
        let mut shown = Self {
            state: StorageCheckState::Running,
            started_by: Some(check.started_by),
            started_at: Some(show_time(check.started_at)),
            read_bytes: check.reads_bytes,
            blobs: check.blobs,
            ..Self::show(None, language)
        };
        if let Some((at, result)) = check.ended {
            shown.ended_at = Some(show_time(at));
            shown.take_result(result, language);
        }
        shown
    }

    fn take_result(&mut self, result: StorageCheckResult, language: Language) {
        match result {
            StorageCheckResult::Done {
                report,
                damage,
                stray,
            } => {
                let findings = report.findings.iter();
                self.state = StorageCheckState::Done;
                self.blobs = report.blobs;
                (self.damage, self.stray) = (damage, stray);
                self.findings = findings
                    .map(|finding| StorageFinding::show(finding, language))
                    .collect();
            }
            StorageCheckResult::Failed(problem) => {
                self.state = StorageCheckState::Failed;
                self.problem = Some(problem);
            }
        }
    }
}

/// Show how much room images take
#[utoipa::path(get, path = "/storage", tag = "administration",
    responses((status = 200, description = "The store", body = Storage), Common))]
pub(in crate::api) async fn get_storage(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
) -> Answer<Storage> {
    Ok(Json(state.app.show_storage(&context).await?.into()))
}

/// Which namespaces are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct UsageParameters {
    /// Only those whose name contains this.
    q: Option<String>,
    /// Items of a page, 1 to 1000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// List what each namespace holds
#[utoipa::path(get, path = "/storage/namespaces", tag = "administration", params(UsageParameters),
    responses((status = 200, description = "By name", body = Page<NamespaceUsage>), Common))]
pub(in crate::api) async fn list_namespace_usage(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Parameters(wanted): Parameters<UsageParameters>,
) -> Answer<Page<NamespaceUsage>> {
    let page = read_page(wanted.limit, wanted.after)?;
    let term = wanted.q.unwrap_or_default();
    let listed = state.app.list_namespace_usage(&context, term, page);
    Ok(Json(Page::show(listed.await?, NamespaceUsage::from)))
}

/// Show the check of rows against files that runs, or the last one
#[utoipa::path(get, path = "/storage/check", tag = "administration",
    responses((status = 200, description = "The check", body = StorageCheck), Common))]
pub(in crate::api) async fn get_storage_check(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
) -> Answer<StorageCheck> {
    let check = state.app.show_storage_check(&context)?;
    Ok(Json(StorageCheck::show(check, language)))
}

/// Begin a check of rows against files, as `wharf fsck` does; it changes nothing
#[utoipa::path(post, path = "/storage/check", tag = "administration", request_body = NewStorageCheck,
    responses((status = 201, description = "Begun", body = StorageCheck), Common, Clashing, BadBody))]
pub(in crate::api) async fn start_storage_check(
    State(state): State<ApiState>,
    SignedIn(context): SignedIn,
    Reader(language): Reader,
    OptionalBody(body): OptionalBody<NewStorageCheck>,
) -> Created<StorageCheck> {
    let begun = state.app.start_storage_check(&context, body.read_bytes);
    Ok(created(StorageCheck::show(Some(begun.await?), language)))
}

//! A code host that is played, and a client for it.

use std::sync::Arc;
use wharf_egress::{Egress, EgressSettings, Policy};
use wharf_integrations::Secret;
use wharf_integrations::forge::{
    Cursor, Forge, ForgeAccess, ForgeAddress, ForgeKind, Page, RepositoryPath, Result, open_forge,
};
use wharf_testkit::{ForgeProduct, ForgeServer, GitRepository};

pub(crate) struct Setup {
    pub(crate) server: ForgeServer,
    pub(crate) forge: Arc<dyn Forge>,
}

impl Setup {
    pub(crate) fn new(product: ForgeProduct) -> Setup {
        let server = ForgeServer::start(product);
        let forge = open(&server, server.token(), &[server.authority()]).expect("a client");
        Setup { server, forge }
    }

    /// The same account with another token.
    pub(crate) fn with_token(&self, token: &str) -> Arc<dyn Forge> {
        open(&self.server, token, &[self.server.authority()]).expect("a client")
    }

    /// A repository with two commits on `main`, the first of which is tagged `v1`; answers both commits.
    pub(crate) fn fill(&self, path: &str) -> (GitRepository, [String; 2]) {
        let repository = self.server.create_repository(path, true);
        let tree = repository.clone_work_tree();
        tree.switch_to("main");
        tree.write("Dockerfile", "FROM scratch\n");
        let first = tree.commit("the first");
        tree.tag("v1", Some("an annotated tag"));
        tree.write("README.md", "# Hällo\n");
        let second = tree.commit("the second\n\nwith a body [skip ci]");
        tree.push(&["main", "v1"]);
        (repository, [first, second])
    }

    /// Nothing was asked for that the product does not document, and the token was in no URL.
    pub(crate) fn check_requests(&self) {
        assert_eq!(self.server.unknown_requests(), [""; 0]);
        for request in self.server.requests() {
            let url = format!("{}?{}", request.path, request.query);
            assert!(!url.contains(self.server.token()), "{url}");
        }
    }
}

pub(crate) fn make_egress(allow: &[&str]) -> Egress {
    let entries = allow.iter().map(|text| text.parse().expect("an entry"));
    Egress::new(EgressSettings::new(Policy::server(entries))).expect("a way out")
}

pub(crate) fn open(server: &ForgeServer, token: &str, allow: &[&str]) -> Result<Arc<dyn Forge>> {
    let access = ForgeAccess {
        kind: kind_of(server.product()),
        address: ForgeAddress::parse(server.url())?,
        token: Secret::new(token),
        authorities: None,
    };
    open_forge(&make_egress(allow), access)
}

pub(crate) fn kind_of(product: ForgeProduct) -> ForgeKind {
    match product {
        ForgeProduct::GitHub => ForgeKind::GitHub,
        ForgeProduct::GitLab => ForgeKind::GitLab,
        ForgeProduct::Gitea => ForgeKind::Gitea,
    }
}

pub(crate) fn path(text: &str) -> RepositoryPath {
    text.parse().expect("a path")
}

/// Walks through all pages; each cursor goes through its text, as it does in an API.
pub(crate) async fn walk<T, F>(ask: impl Fn(Option<Cursor>) -> F) -> (Vec<T>, usize)
where
    F: Future<Output = Result<Page<T>>>,
{
    let (mut all, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let page = ask(after).await.expect("a page");
        all.extend(page.items);
        pages += 1;
        assert!(pages < 1000, "pages without end");
        match page.next {
            None => return (all, pages),
            Some(next) => after = Some(next.to_string().parse().expect("a cursor")),
        }
    }
}

/// Runs each test on each host.
macro_rules! on_every_host {
    ($($name:ident),+ $(,)?) => {
        mod github { $(#[tokio::test] async fn $name() { super::$name(crate::setup::Setup::new(wharf_testkit::ForgeProduct::GitHub)).await })+ }
        mod gitlab { $(#[tokio::test] async fn $name() { super::$name(crate::setup::Setup::new(wharf_testkit::ForgeProduct::GitLab)).await })+ }
        mod gitea { $(#[tokio::test] async fn $name() { super::$name(crate::setup::Setup::new(wharf_testkit::ForgeProduct::Gitea)).await })+ }
    };
}
pub(crate) use on_every_host;

//! What a token sees: one suite over all hosts.

use crate::setup::{Setup, on_every_host, path, walk};
use std::collections::BTreeSet;
use wharf_integrations::forge::{
    ForgeError, ForgeKind, OwnerKind, Reachability, RemoteRepository, RepositoryQuery, TokenScopes,
    Visibility,
};
use wharf_model::builds::CommitId;

on_every_host! {
    the_account_is_named_and_lacks_nothing,
    owners_begin_with_the_person,
    two_hundred_and_fifty_repositories_come_in_pages,
    repositories_are_chosen_by_owner_visibility_and_name,
    a_repository_is_found_by_path_and_by_id_after_renaming,
    branches_and_tags_lead_to_commits,
    a_commit_is_found_by_id_branch_and_tag,
    a_commit_that_no_branch_or_tag_contains_is_not_reachable,
}

async fn the_account_is_named_and_lacks_nothing(setup: Setup) {
    let account = setup.forge.find_account().await.expect("an account");
    assert_eq!(
        (&*account.login, account.name.as_deref()),
        ("ada", Some("Ada Example"))
    );
    assert!(account.check_scopes().is_ok(), "{account:?}");
    assert_eq!(account.host, setup.server.authority());
    if setup.forge.kind().as_str() == "gitlab" {
        assert!(matches!(&account.scopes, TokenScopes::Listed(scopes) if scopes.len() == 2));
        assert!(account.expires_at.is_some());
    }
    setup.check_requests();
}

async fn owners_begin_with_the_person(setup: Setup) {
    setup.server.limit_pages(2);
    let groups = ["acme", "beta", "gamma", "zeta"];
    groups
        .iter()
        .for_each(|group| setup.server.add_group(group));
    let forge = &setup.forge;
    let (owners, pages) =
        walk(|after| async move { forge.list_owners(after.as_ref()).await }).await;
    let names: Vec<_> = owners.iter().map(|owner| &*owner.path).collect();
    assert_eq!(names, ["ada", "acme", "beta", "gamma", "zeta"]);
    assert_eq!(
        (owners[0].kind, owners[1].kind),
        (OwnerKind::Person, OwnerKind::Group)
    );
    assert_eq!(pages, 2);
    setup.check_requests();
}

async fn list(setup: &Setup, query: &RepositoryQuery) -> (Vec<RemoteRepository>, usize) {
    let forge = &setup.forge;
    walk(|after| async move { forge.list_repositories(query, after.as_ref()).await }).await
}

fn owned_by(kind: OwnerKind, name: &str) -> RepositoryQuery {
    RepositoryQuery {
        owner: Some((kind, name.to_owned())),
        ..RepositoryQuery::default()
    }
}

async fn two_hundred_and_fifty_repositories_come_in_pages(setup: Setup) {
    setup.server.limit_pages(100);
    setup.server.list_repositories("acme", 250);
    for query in [
        RepositoryQuery::default(),
        owned_by(OwnerKind::Group, "acme"),
    ] {
        let (all, pages) = list(&setup, &query).await;
        let paths: BTreeSet<_> = all.iter().map(|found| found.path.as_str()).collect();
        assert_eq!((all.len(), paths.len()), (250, 250), "each once: {query:?}");
        assert!(paths.contains("acme/listed-0249"));
        assert!((3..=5).contains(&pages), "{pages} pages");
    }
    setup.check_requests();
}

async fn repositories_are_chosen_by_owner_visibility_and_name(setup: Setup) {
    setup.server.list_repositories("acme", 4);
    setup.server.list_repositories("ada", 2);
    for (query, expected) in [
        (owned_by(OwnerKind::Group, "acme"), 4),
        (owned_by(OwnerKind::Person, "ada"), 2),
        (RepositoryQuery::default(), 6),
        (
            RepositoryQuery {
                visibility: Some(Visibility::Private),
                ..owned_by(OwnerKind::Group, "acme")
            },
            2,
        ),
        (
            RepositoryQuery {
                visibility: Some(Visibility::Public),
                ..RepositoryQuery::default()
            },
            3,
        ),
        (
            RepositoryQuery {
                search: Some("LISTED-0003".to_owned()),
                ..RepositoryQuery::default()
            },
            1,
        ),
        (
            RepositoryQuery {
                search: Some("nothing".to_owned()),
                ..owned_by(OwnerKind::Group, "acme")
            },
            0,
        ),
    ] {
        let (found, _) = list(&setup, &query).await;
        assert_eq!(found.len(), expected, "{query:?}: {found:?}");
    }
    let unknown = owned_by(OwnerKind::Group, "nobody");
    let error = setup
        .forge
        .list_repositories(&unknown, None)
        .await
        .expect_err("nobody");
    assert!(error.is_not_found(), "{error:?}");
    setup.check_requests();
}

async fn a_repository_is_found_by_path_and_by_id_after_renaming(setup: Setup) {
    setup.fill("acme/app");
    let forge = &setup.forge;
    let found = forge
        .find_repository(&path("acme/app"))
        .await
        .expect("a repository");
    assert_eq!(found.default_branch.as_deref(), Some("main"));
    assert_eq!(
        found.clone_url.as_str(),
        format!("{}/acme/app.git", setup.server.url())
    );
    assert_eq!(
        (found.visibility, found.may_administrate),
        (Visibility::Private, Some(true))
    );
    setup.server.rename_repository("acme/app", "acme/renamed");
    let renamed = forge
        .find_repository_by_id(&found.id)
        .await
        .expect("the same");
    assert_eq!(renamed.path.as_str(), "acme/renamed");
    let under_old_path = forge.find_repository(&path("acme/app")).await;
    if forge.kind() == ForgeKind::GitHub {
        assert_eq!(under_old_path.expect("GitHub sends on"), renamed);
    } else {
        let error = under_old_path.expect_err("it is gone");
        assert!(error.is_not_found(), "{error:?}");
    }
    let nowhere = forge.find_repository(&path("acme/none")).await;
    let error = nowhere.expect_err("it never was");
    assert!(error.is_not_found(), "{error:?}");
    assert!(error.hint().is_some());
    setup.check_requests();
}

async fn branches_and_tags_lead_to_commits(setup: Setup) {
    let (repository, [first, second]) = setup.fill("acme/app");
    for name in ["feature/login", "日本", "release-1"] {
        repository.git(&["branch", name, &first]);
    }
    for name in ["light", "x1", "x2", "x3"] {
        repository.git(&["tag", name, &second]);
    }
    setup.server.limit_pages(2);
    let (forge, app) = (&setup.forge, &path("acme/app"));
    let (branches, pages) =
        walk(|after| async move { forge.list_branches(app, after.as_ref()).await }).await;
    let found: BTreeSet<_> = branches
        .iter()
        .map(|own| (&*own.name, own.commit.as_str()))
        .collect();
    let expected = [
        ("feature/login", &*first),
        ("main", &*second),
        ("release-1", &*first),
        ("日本", &*first),
    ];
    assert_eq!((found, pages), (BTreeSet::from(expected), 2));
    let (tags, _) = walk(|after| async move { forge.list_tags(app, after.as_ref()).await }).await;
    let found: BTreeSet<_> = tags
        .iter()
        .map(|own| (&*own.name, own.commit.as_str()))
        .collect();
    // The annotated tag leads to its commit, not to the tag object.
    assert_eq!(
        found,
        BTreeSet::from([
            ("light", &*second),
            ("v1", &*first),
            ("x1", &*second),
            ("x2", &*second),
            ("x3", &*second),
        ])
    );
    setup.check_requests();
}

async fn a_commit_is_found_by_id_branch_and_tag(setup: Setup) {
    let (repository, [first, second]) = setup.fill("acme/app");
    repository.git(&["branch", "feature/login", &first]);
    let (forge, app) = (&setup.forge, &path("acme/app"));
    for (revision, expected) in [
        (&*second, &second),
        ("main", &second),
        ("v1", &first),
        ("feature/login", &first),
    ] {
        let found = forge.find_commit(app, revision).await.expect(revision);
        assert_eq!(found.id.as_str(), expected, "{revision}");
        assert_eq!(found.author.as_deref(), Some("Ada Example"));
        assert!(found.time.is_some() && found.web_url.is_some());
    }
    let found = forge.find_commit(app, &second).await.expect("a commit");
    assert!(
        found
            .message
            .starts_with("the second\n\nwith a body [skip ci]"),
        "{found:?}"
    );
    for revision in ["nothing", &"1".repeat(40)] {
        let error = forge.find_commit(app, revision).await.expect_err(revision);
        assert!(error.is_not_found(), "{revision}: {error:?}");
    }
    for revision in ["", "..", "a\nb"] {
        let error = forge.find_commit(app, revision).await.expect_err(revision);
        assert!(matches!(error, ForgeError::Word), "{revision:?}: {error:?}");
    }
    setup.check_requests();
}

async fn a_commit_that_no_branch_or_tag_contains_is_not_reachable(setup: Setup) {
    let (repository, [first, second]) = setup.fill("acme/app");
    let tree = format!("{second}^{{tree}}");
    let make = |message: &str, parent: &str| {
        let identity = [
            "-c",
            "user.name=Ada Example",
            "-c",
            "user.email=ada@example.com",
        ];
        let mut arguments = identity.to_vec();
        arguments.extend(["commit-tree", &tree, "-p", parent, "-m", message]);
        repository.git(&arguments)
    };
    // What a fork's pull request brings: the commit is there, under a ref that is no branch.
    let foreign = make("from a fork, by Ada Example", &second);
    repository.git(&["update-ref", "refs/pull/1/head", &foreign]);
    let beside = make("on a branch of its own", &first);
    let below = make("below a tag only", &beside);
    let tagged = make("tagged", &below);
    repository.git(&["branch", "side/branch", &beside]);
    repository.git(&["tag", "deep", &tagged]);
    for (commit, expected) in [
        (&second, Reachability::Reachable),
        (&first, Reachability::Reachable),
        (&beside, Reachability::Reachable),
        (&below, Reachability::Reachable),
        (&tagged, Reachability::Reachable),
        (&foreign, Reachability::Unreachable),
        (&"1".repeat(40), Reachability::Unreachable),
    ] {
        let commit: CommitId = commit.parse().expect("a commit");
        let found = setup
            .forge
            .check_reachable(&path("acme/app"), &commit)
            .await;
        assert_eq!(found.expect("an answer"), expected, "{commit}");
    }
    let commit = first.parse().expect("a commit");
    let error = setup
        .forge
        .check_reachable(&path("acme/none"), &commit)
        .await
        .expect_err("no such one");
    assert!(error.is_not_found(), "{error:?}");
    setup.check_requests();
}

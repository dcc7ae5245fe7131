//! Where this server may not go, and whom it does not believe.

use crate::kube::bench::{need_bench, open};
use wharf_egress::{Egress, EgressSettings, Policy};
use wharf_integrations::target::kubernetes::{
    Authority, Cluster, ClusterAccess, ClusterError, KubeNamespace,
};
use wharf_testkit::kube::KubeGate;

#[tokio::test]
async fn h47_every_address_that_the_guard_refuses_is_told_alike() {
    let policy = Policy::server([]);
    let egress = Egress::new(EgressSettings::new(policy)).expect("an egress");
    let namespace: KubeNamespace = "web".parse().expect("a name");
    let mut texts = Vec::new();
    for address in [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "100.100.100.200",
        "0.0.0.0",
        "[::1]",
        "[fd00:ec2::254]",
    ] {
        let server = format!("https://{address}:6443");
        let access = ClusterAccess::by_token(&server, None, "hush").expect("an access");
        let cluster = Cluster::open(&access, &egress).expect("a cluster");
        let error = cluster
            .list_workloads(&namespace)
            .await
            .expect_err("refused");
        assert!(
            matches!(error, ClusterError::NotAllowed { .. }),
            "{error:?}"
        );
        assert!(!error.is_transient());
        let text = format!("{error} {} {error:?}", error.hint().expect("a hint"));
        texts.push(text.replace(address, "ADDRESS"));
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:#?}");
}

#[test]
fn a_server_that_another_authority_signed_gets_no_credentials() {
    let bench = need_bench!();
    let gate = KubeGate::open(bench.kube);
    let mut access = bench.access.clone();
    access.ca = Some(Authority::read(gate.certificate()).expect("another authority"));
    let stranger = open(&access);
    let error = bench
        .ask(stranger.check(&[]))
        .expect_err("it is not believed");
    assert!(
        matches!(error, ClusterError::Unreachable { .. }),
        "{error:?}"
    );
    assert!(bench.ask(bench.cluster.check(&[])).is_ok());
}

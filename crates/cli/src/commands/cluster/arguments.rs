//! What `wharf cluster` reads from the command line.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use crate::ask::Confirmation;
use crate::client::PageOptions;

/// Kubernetes clusters that triggers update, and who may use which of their namespaces
///
/// Administrators add clusters and grant Kubernetes namespaces to namespaces here; without a grant nobody may use
/// anything. Maintainers then choose workloads with `wharf trigger create`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf cluster add prod --kubeconfig wharf.kubeconfig --registry registry.example --region eu-west
  wharf cluster grant prod acme shop shop-staging
  wharf cluster manifest prod | kubectl apply -f -
  wharf cluster check prod
  wharf cluster granted acme
  wharf cluster workloads acme prod shop")]
pub(crate) struct ClusterArguments {
    #[command(subcommand)]
    pub(super) command: ClusterCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum ClusterCommand {
    Add(Box<AddArguments>),
    List(ListArguments),
    Show(ShowArguments),
    Edit(Box<EditArguments>),
    Delete(DeleteArguments),
    Check(CheckArguments),
    Grant(GrantArguments),
    Revoke(RevokeArguments),
    Manifest(ManifestArguments),
    Granted(GrantedArguments),
    Workloads(WorkloadsArguments),
    PullSecret(PullSecretArguments),
}

/// Add a cluster (administrators)
///
/// A kubeconfig must carry everything inline: certificate-authority-data, and a token or client-certificate-data with
/// client-key-data. One that names programs, plugins or files (exec, auth-provider, tokenFile, paths) or a proxy is
/// refused: the server runs and reads nothing that such a file asks for. `wharf cluster manifest` prints a service
/// account with the least rights.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf cluster add prod --kubeconfig wharf.kubeconfig --registry registry.example
  kubectl create token wharf -n wharf --duration 8760h | wharf cluster add prod \\
      --api-server https://10.0.0.5:6443 --ca ca.crt --token-stdin --registry registry.example
  wharf cluster add here --in-cluster --registry registry.example:5000")]
pub(super) struct AddArguments {
    /// What it is called here
    #[arg(value_name = "CLUSTER")]
    pub(super) cluster: String,
    /// What the cluster's nodes call this registry, HOST or HOST:PORT: what stands before image names there. Not localhost
    #[arg(long, value_name = "HOST")]
    pub(super) registry: String,
    /// A label that people choose by: eu-west, shanghai
    #[arg(
        long,
        value_name = "REGION",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) region: String,
    #[command(flatten)]
    pub(super) access: AccessOptions,
}

/// How the server signs in there: by one of these.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Access", group = ArgGroup::new("access").multiple(false))]
pub(super) struct AccessOptions {
    /// A kubeconfig with inline credentials; - is stdin
    #[arg(long, value_name = "FILE", group = "access")]
    pub(super) kubeconfig: Option<PathBuf>,
    /// The cluster's API server, with a service account's token
    #[arg(long, value_name = "URL", group = "access")]
    pub(super) api_server: Option<String>,
    /// With the service account of the pod that the server runs in
    #[arg(long, group = "access")]
    pub(super) in_cluster: bool,
    /// Read the service account's token from stdin; without this it is asked for without echo
    #[arg(long, conflicts_with_all = ["kubeconfig", "in_cluster"])]
    pub(super) token_stdin: bool,
    /// The authority that signed the API server's certificate (PEM)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kubeconfig", "in_cluster"])]
    pub(super) ca: Option<PathBuf>,
}

/// List clusters (administrators)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf cluster list")]
pub(super) struct ListArguments {
    #[command(flatten)]
    pub(super) pages: PageOptions,
}

/// Show one cluster and who may use which of its namespaces (administrators)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf cluster show prod")]
pub(super) struct ShowArguments {
    /// Which cluster
    #[arg(value_name = "CLUSTER")]
    pub(super) cluster: String,
}

/// Change a cluster; what is not given stays (administrators)
///
/// Another API server needs its credential given again: what one server was told is not told to another.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf cluster edit prod --region eu-central
  wharf cluster edit prod --rename prod-eu
  wharf cluster edit prod --kubeconfig renewed.kubeconfig")]
pub(super) struct EditArguments {
    /// Which cluster
    #[arg(value_name = "CLUSTER")]
    pub(super) cluster: String,
    /// What it is called here from now on; triggers go on to reach it
    #[arg(long, value_name = "NAME")]
    pub(super) rename: Option<String>,
    /// What its nodes call this registry
    #[arg(long, value_name = "HOST")]
    pub(super) registry: Option<String>,
    /// A label that people choose by
    #[arg(long, value_name = "REGION")]
    pub(super) region: Option<String>,
    #[command(flatten)]
    pub(super) access: AccessOptions,
    /// Renew only the token, with --token-stdin or by being asked
    #[arg(long, conflicts_with_all = ["kubeconfig", "in_cluster"])]
    pub(super) token: bool,
}

/// Remove a cluster with its credential; triggers that update its workloads fail from then on (administrators)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf cluster delete prod
  wharf cluster delete prod --yes")]
pub(super) struct DeleteArguments {
    /// Which cluster
    #[arg(value_name = "CLUSTER")]
    pub(super) cluster: String,
    #[command(flatten)]
    pub(super) confirmation: Confirmation,
}

/// Ask a cluster for its version, and which rights are missing in each granted namespace (administrators)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf cluster check prod

Exit codes: 0 everything is there, 1 not")]
pub(super) struct CheckArguments {
    /// Which cluster
    #[arg(value_name = "CLUSTER")]
    pub(super) cluster: String,
}

/// Let a namespace use Kubernetes namespaces of a cluster; they replace those of before (administrators)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf cluster grant prod acme shop
  wharf cluster grant prod acme shop shop-staging")]
pub(super) struct GrantArguments {
    /// Which cluster
    #[arg(value_name = "CLUSTER")]
    pub(super) cluster: String,
    /// Which namespace here
    #[arg(value_name = "NAMESPACE")]
    pub(super) namespace: String,
    /// The Kubernetes namespaces
    #[arg(value_name = "KUBE_NAMESPACE", required = true)]
    pub(super) kube_namespaces: Vec<String>,
}

/// Take all Kubernetes namespaces of a cluster from a namespace (administrators)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf cluster revoke prod acme")]
pub(super) struct RevokeArguments {
    /// Which cluster
    #[arg(value_name = "CLUSTER")]
    pub(super) cluster: String,
    /// Which namespace here
    #[arg(value_name = "NAMESPACE")]
    pub(super) namespace: String,
}

/// Print the smallest RBAC for what is granted, as YAML for kubectl (administrators)
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf cluster manifest prod > wharf-rbac.yaml
  wharf cluster manifest prod --home platform | kubectl apply -f -")]
pub(super) struct ManifestArguments {
    /// Which cluster
    #[arg(value_name = "CLUSTER")]
    pub(super) cluster: String,
    /// Make a new service account in this Kubernetes namespace, also where the server signs in with one already
    #[arg(long, value_name = "KUBE_NAMESPACE")]
    pub(super) home: Option<String>,
}

/// List the clusters and Kubernetes namespaces that a namespace may use
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf cluster granted acme")]
pub(super) struct GrantedArguments {
    /// Which namespace
    #[arg(value_name = "NAMESPACE")]
    pub(super) namespace: String,
}

/// List the workloads of a Kubernetes namespace with their containers, read from the cluster now
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf cluster workloads acme prod shop")]
pub(super) struct WorkloadsArguments {
    #[command(flatten)]
    pub(super) place: WhichPlace,
}

/// A Kubernetes namespace that is granted.
#[derive(Debug, Args)]
pub(super) struct WhichPlace {
    /// Which namespace here
    #[arg(value_name = "NAMESPACE")]
    pub(super) namespace: String,
    /// Which cluster
    #[arg(value_name = "CLUSTER")]
    pub(super) cluster: String,
    /// Which Kubernetes namespace
    #[arg(value_name = "KUBE_NAMESPACE")]
    pub(super) kube_namespace: String,
}

/// Write a pull secret into a Kubernetes namespace, so that its pods may pull private images from here
///
/// The login is one that you give, or a new robot of the namespace that can pull and do nothing else. A trigger that updates a
/// workload with a private image lets its pods use the secret; other workloads name it in their `imagePullSecrets`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf cluster pull-secret acme prod shop --robot shop-pull
  wharf cluster pull-secret acme prod shop --username acme+pull --password-stdin < secret")]
pub(super) struct PullSecretArguments {
    #[command(flatten)]
    pub(super) place: WhichPlace,
    /// Make a robot of this name that can only pull, and use it
    #[arg(long, value_name = "ROBOT", required_unless_present = "username")]
    pub(super) robot: Option<String>,
    /// Use this login, whose password or token is asked for
    #[arg(long, short = 'u', value_name = "USER", conflicts_with = "robot")]
    pub(super) username: Option<String>,
    /// Read the password or token from stdin
    #[arg(long, requires = "username")]
    pub(super) password_stdin: bool,
}

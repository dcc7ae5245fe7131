//! `[database]`: which of the two engines keeps the rows, and where.

use std::path::{Path, PathBuf};

use url::Url;

use super::Secret;
use crate::config::problem::Complaint;
use crate::config::reader::Reader;
use crate::config::value::RawValue;

/// The file under the data directory that holds everything but blobs, unless `url` says otherwise.
const DEFAULT_FILE: &str = "wharf.db";

/// Where the rows are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DatabaseLocation {
    Sqlite(PathBuf),
    /// The whole URL; it may hold a password.
    Postgres(Secret),
}

pub(super) fn read_database(reader: &mut Reader, data_dir: &Path) -> DatabaseLocation {
    reader.take_or(
        "database",
        "url",
        parse_database_url,
        DatabaseLocation::Sqlite(data_dir.join(DEFAULT_FILE)),
        show_location,
    )
}

fn parse_database_url(value: &RawValue) -> Result<DatabaseLocation, Complaint> {
    let text = value.as_text()?;
    // Not by a URL parser: `sqlite://data/wharf.db` is a relative path, not a host.
    if let Some(path) = text.strip_prefix("sqlite://") {
        return match path {
            "" => Err(Complaint::new("config.sqlite_path_missing")),
            path => Ok(DatabaseLocation::Sqlite(PathBuf::from(path))),
        };
    }
    // The text may hold a password, so no complaint repeats more of it than the scheme.
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    if !matches!(scheme, "postgres" | "postgresql") {
        return Err(Complaint::new("config.database_scheme").with("scheme", scheme));
    }
    let url = Url::parse(text)
        .map_err(|error| Complaint::new("config.postgres_form").with("cause", error.to_string()))?;
    // A socket directory is given as `?host=/run/postgresql`.
    let has_host = url.host_str().is_some_and(|host| !host.is_empty())
        || url.query_pairs().any(|(name, _)| name == "host");
    if !has_host {
        return Err(Complaint::new("config.postgres_host"));
    }
    let has_database = url.path().len() > 1 || url.query_pairs().any(|(name, _)| name == "dbname");
    if !has_database {
        return Err(Complaint::new("config.postgres_database"));
    }
    Ok(DatabaseLocation::Postgres(Secret::new(text)))
}

fn show_location(location: &DatabaseLocation) -> String {
    match location {
        DatabaseLocation::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseLocation::Postgres(url) => mask_password(url.expose()),
    }
}

fn mask_password(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else {
        return super::MASK.to_owned();
    };
    if url.password().is_some() && url.set_password(Some(super::MASK)).is_err() {
        return super::MASK.to_owned();
    }
    // A password can also be a parameter; parameters are not needed to recognize the place.
    url.set_query(None);
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<DatabaseLocation, Complaint> {
        parse_database_url(&RawValue::Text(text.to_owned()))
    }

    #[test]
    fn sqlite_paths_are_taken_as_they_are_written() {
        let path = |text| match parse(text).unwrap() {
            DatabaseLocation::Sqlite(path) => path,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            path("sqlite:///var/lib/wharf.db"),
            Path::new("/var/lib/wharf.db")
        );
        assert_eq!(path("sqlite://data/wharf.db"), Path::new("data/wharf.db"));
        assert!(parse("sqlite://").is_err());
    }

    #[test]
    fn a_postgres_url_needs_a_host_and_a_database() {
        for good in [
            "postgres://wharf:s3cret@db.example:5432/wharf",
            "postgresql://db/wharf?sslmode=require",
            "postgres:///wharf?host=/run/postgresql",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "postgres://db",
            "postgres:///wharf",
            "mysql://db/wharf",
            "/wharf.db",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_is_shown_nowhere() {
        let location = parse("postgres://wharf:s3cret@db/wharf?password=s3cret").unwrap();
        assert!(!format!("{location:?}").contains("s3cret"));
        let shown = show_location(&location);
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("wharf:********@db/wharf"), "{shown}");
    }
}

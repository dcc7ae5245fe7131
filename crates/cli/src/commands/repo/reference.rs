//! Repository and image names as people paste them: with this server's address in front, with a tag behind.

use crate::client::ServerAddress;

/// The repository's name without this server's own address (`localhost:5000/acme/web` becomes `acme/web`).
///
/// Another host stays: it is then a name the server does not have, and says so.
pub(crate) fn strip_host<'a>(address: &ServerAddress, name: &'a str) -> &'a str {
    name.strip_prefix(address.host())
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(name)
}

/// Splits `NAME:TAG`; `None` when there is no tag.
pub(crate) fn split_reference<'a>(
    address: &ServerAddress,
    reference: &'a str,
) -> Option<(&'a str, &'a str)> {
    let (name, tag) = strip_host(address, reference).rsplit_once(':')?;
    // A slash behind the last colon means that it belonged to a port.
    (!name.is_empty() && !tag.is_empty() && !tag.contains('/')).then_some((name, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_name_is_read_with_and_without_this_servers_address() {
        let address = ServerAddress::parse("localhost:5000").unwrap();
        let split = |text| split_reference(&address, text);
        assert_eq!(split("acme/web:1.0"), Some(("acme/web", "1.0")));
        assert_eq!(
            split("localhost:5000/acme/web:1.0"),
            Some(("acme/web", "1.0"))
        );
        assert_eq!(split("alpine:3"), Some(("alpine", "3")));
        for text in ["acme/web", "localhost:5000/acme/web", "acme/web:", ":1"] {
            assert_eq!(split(text), None, "{text}");
        }
        assert_eq!(strip_host(&address, "localhost:5000/acme/web"), "acme/web");
        assert_eq!(
            strip_host(&address, "other:5000/acme/web"),
            "other:5000/acme/web"
        );
    }
}

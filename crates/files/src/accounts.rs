//! Users and groups in the text of `/etc/passwd` and `/etc/group`.
//!
//! Pure. Lines that make no sense are passed over, as passwd(5) has no other way to say that something is wrong.

/// Ids of the first user of this name: its own, and that of its group.
pub fn lookup_user(passwd: &[u8], name: &str) -> Option<(u32, u32)> {
    find_line(passwd, name, |fields| {
        Some((parse_id(fields.get(2)?)?, parse_id(fields.get(3)?)?))
    })
}

/// Id of the first group of this name.
pub fn lookup_group(group: &[u8], name: &str) -> Option<u32> {
    find_line(group, name, |fields| parse_id(fields.get(2)?))
}

fn find_line<T>(text: &[u8], name: &str, parse: impl Fn(&[&[u8]]) -> Option<T>) -> Option<T> {
    text.split(|byte| *byte == b'\n').find_map(|line| {
        let fields: Vec<&[u8]> = line.trim_ascii().split(|byte| *byte == b':').collect();
        (fields[0] == name.as_bytes())
            .then(|| parse(&fields))
            .flatten()
    })
}

fn parse_id(field: &[u8]) -> Option<u32> {
    std::str::from_utf8(field).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &[u8] =
        b"root:x:0:0:root:/root:/bin/sh\n\n# no user\nbroken:x\napp:x:1000:1001::/:\napp:x:5:5::/:\n12:x:7:8::/:";

    #[test]
    fn the_first_line_of_a_name_counts() {
        assert_eq!(lookup_user(PASSWD, "app"), Some((1000, 1001)));
        assert_eq!(lookup_user(PASSWD, "root"), Some((0, 0)));
        assert_eq!(lookup_user(PASSWD, "12"), Some((7, 8)));
        assert_eq!(lookup_user(PASSWD, "broken"), None);
        assert_eq!(lookup_user(PASSWD, "nobody"), None);
        assert_eq!(lookup_user(PASSWD, "# no user"), None);
    }

    #[test]
    fn groups_have_their_id_in_the_third_field() {
        let text = b"root:x:0:\nusers:x:100:app,web\n";
        assert_eq!(lookup_group(text, "users"), Some(100));
        assert_eq!(lookup_group(text, "app"), None);
        assert_eq!(lookup_group(b"", "users"), None);
    }
}

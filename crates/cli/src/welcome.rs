//! The screen of the first start: the administrator's password, the address, and four lines to copy.
//!
//! A pure function from values to text. Who calls it decides where the text goes; it must never go into a log,
//! because it may hold the password.

use wharf_messages::{Language, render};

/// What the first start tells.
#[derive(Clone, Debug)]
pub(crate) struct Welcome<'a> {
    /// Where people open the server, with scheme: `http://127.0.0.1:5000`.
    pub(crate) url: &'a str,
    /// The password that was made; `None` when the operator chose it or it was put in a file.
    pub(crate) password: Option<&'a str>,
    /// The file that holds the password, when there was no terminal to show it on.
    pub(crate) password_file: Option<&'a str>,
    pub(crate) language: Language,
}

impl Welcome<'_> {
    /// The screen, ending with a newline; lines to copy stand alone and are indented by four.
    pub(crate) fn render(&self) -> String {
        let say = |key, parameters: &[(&str, &str)]| render(self.language, key, parameters);
        let address = find_registry_address(self.url);
        let image = format!("{address}/admin/hello:1");
        let mut text = format!("\n{}\n\n", say("welcome.ready", &[("url", self.url)]));
        text += &format!("    {}\n", say("welcome.account", &[]));
        if let Some(password) = self.password {
            text += &format!(
                "    {}\n\n",
                say("welcome.password", &[("password", password)])
            );
            text += &format!("{}\n", say("welcome.password_once", &[]));
        } else if let Some(path) = self.password_file {
            text += &format!("    {}\n", say("welcome.password_file", &[("path", path)]));
        } else {
            text += &format!("    {}\n", say("welcome.password_chosen", &[]));
        }
        text += &format!("\n{}\n\n", say("welcome.try_it", &[]));
        for line in [
            format!("docker login {address} -u admin"),
            format!("docker tag hello-world {image}"),
            format!("docker push {image}"),
            format!("docker pull {image}"),
        ] {
            text += &format!("    {line}\n");
        }
        text.push('\n');
        text
    }
}

/// The address as it is written in an image name: no scheme, no trailing slash.
fn find_registry_address(url: &str) -> &str {
    url.split_once("://")
        .map_or(url, |(_, address)| address)
        .trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render_with(password: Option<&str>, file: Option<&str>, language: Language) -> String {
        Welcome {
            url: "http://127.0.0.1:5000",
            password,
            password_file: file,
            language,
        }
        .render()
    }

    #[test]
    fn the_first_start_shows_password_address_and_four_lines_to_copy() {
        for language in Language::ALL {
            let text = render_with(Some("correct-horse"), None, language);
            let lines: Vec<&str> = text.lines().collect();
            for line in [
                "    docker login 127.0.0.1:5000 -u admin",
                "    docker tag hello-world 127.0.0.1:5000/admin/hello:1",
                "    docker push 127.0.0.1:5000/admin/hello:1",
                "    docker pull 127.0.0.1:5000/admin/hello:1",
            ] {
                assert!(lines.contains(&line), "{line}\n{text}");
            }
            assert!(
                text.contains("http://127.0.0.1:5000\n") || text.contains("http://127.0.0.1:5000 "),
                "{text}"
            );
            assert_eq!(text.matches("correct-horse").count(), 1, "{text}");
        }
    }

    #[test]
    fn a_password_in_a_file_is_named_by_its_file() {
        let text = render_with(None, Some("data/admin-password"), Language::En);
        assert!(text.contains("data/admin-password"), "{text}");
    }

    #[test]
    fn a_chosen_password_is_not_shown() {
        let text = render_with(None, None, Language::En);
        assert!(text.contains("WHARF_ADMIN_PASSWORD"), "{text}");
    }
}

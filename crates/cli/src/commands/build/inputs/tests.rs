use super::*;

/// A tar with one empty file in it.
fn tar() -> Vec<u8> {
    let mut header = [0u8; 512];
    header[..4].copy_from_slice(b"file");
    header[100..107].copy_from_slice(b"0000644");
    header[108..115].copy_from_slice(b"0000000");
    header[116..123].copy_from_slice(b"0000000");
    header[124..135].copy_from_slice(b"00000000000");
    header[136..147].copy_from_slice(b"00000000000");
    header[148..156].copy_from_slice(b"        ");
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut archive = header.to_vec();
    archive.resize(512 * 3, 0);
    archive
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Place(tempfile::tempdir().expect("a folder"));
        place.write("ctx/Dockerfile", b"FROM scratch\n");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }

    fn open(
        &self,
        context: ContextText,
        file: Option<&str>,
        stdin: &[u8],
    ) -> Result<Inputs, Failure> {
        let session = Session::for_test(&[]);
        let mut stdin = stdin;
        open_inputs(&session, &context, file, &mut stdin, self.0.path())
    }

    fn folder(&self) -> ContextText {
        ContextText::Directory(self.path("ctx"))
    }
}

#[test]
fn an_archive_on_standard_input_is_the_context() {
    let place = Place::new();
    let inputs = place
        .open(ContextText::Stdin, Some("sub/Dockerfile"), &tar())
        .expect("inputs");
    let ContextSource::Archive(path) = &inputs.context else {
        panic!("{inputs:?}");
    };
    assert_eq!(std::fs::read(path).expect("spooled"), tar());
    assert_eq!(
        inputs.dockerfile,
        DockerfileSource::InContext("sub/Dockerfile".to_owned())
    );
    let path = path.clone();
    drop(inputs);
    assert!(!path.exists());
}

#[test]
fn other_text_on_standard_input_is_a_dockerfile_without_files() {
    let place = Place::new();
    let inputs = place
        .open(ContextText::Stdin, None, b"FROM alpine\n")
        .expect("inputs");
    assert_eq!(inputs.context, ContextSource::Empty);
    assert_eq!(
        inputs.dockerfile,
        DockerfileSource::Inline(b"FROM alpine\n".to_vec())
    );
    assert!(place.open(ContextText::Stdin, None, b"").is_err());
}

#[test]
fn a_dockerfile_on_standard_input_leaves_the_context_as_it_is() {
    let place = Place::new();
    let inputs = place
        .open(place.folder(), Some("-"), b"FROM a\n")
        .expect("inputs");
    assert_eq!(inputs.context, ContextSource::Directory(place.path("ctx")));
    assert_eq!(
        inputs.dockerfile,
        DockerfileSource::Inline(b"FROM a\n".to_vec())
    );
    let endless = vec![b'x'; LARGEST_DOCKERFILE as usize + 1];
    assert!(place.open(place.folder(), Some("-"), &endless).is_err());
}

#[test]
fn a_named_dockerfile_is_in_the_context_or_outside() {
    let place = Place::new();
    place.write("ctx/docker/prod", b"FROM a\n");
    place.write("other", b"FROM b\n");
    let find = |name: &str| {
        let path = place.path(name).display().to_string();
        let inputs = place
            .open(place.folder(), Some(&path), b"")
            .expect("inputs");
        inputs.dockerfile
    };
    assert_eq!(
        find("ctx/docker/prod"),
        DockerfileSource::InContext("docker/prod".to_owned())
    );
    assert_eq!(find("other"), DockerfileSource::File(place.path("other")));
    assert_eq!(
        find("ctx/../other"),
        DockerfileSource::File(place.path("ctx/../other"))
    );
}

#[test]
fn a_dockerfile_that_is_only_in_the_context_is_hinted_at() {
    let place = Place::new();
    place.write("ctx/only-there", b"FROM a\n");
    let failure = place
        .open(place.folder(), Some("only-there"), b"")
        .expect_err("not here");
    assert!(
        failure.render().contains("ctx/only-there"),
        "{}",
        failure.render()
    );
    let url = place.open(place.folder(), Some("https://a.example/Dockerfile"), b"");
    assert!(url.expect_err("a URL").render().contains("curl"));
}

#[test]
fn the_definition_is_read_from_wherever_it_is() {
    let place = Place::new();
    let session = Session::for_test(&[]);
    let read = |inputs: &Inputs| read_definition(&session, inputs).expect("readable");
    let inputs = place.open(place.folder(), None, b"").expect("inputs");
    assert_eq!(
        read(&inputs),
        Some(("Dockerfile".to_owned(), b"FROM scratch\n".to_vec()))
    );
    std::fs::rename(place.path("ctx/Dockerfile"), place.path("ctx/dockerfile")).expect("renamed");
    assert!(read(&inputs).is_some());
    let remote = place
        .open(ContextText::Git("github.com/a/b".to_owned()), None, b"")
        .expect("inputs");
    assert_eq!(read(&remote), None);
}

//! `--annotation`: annotations of manifests and of the index.

use std::collections::BTreeMap;

use super::OptionProblem;

/// Annotations by what they are put on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::commands::build) struct Annotations {
    pub(in crate::commands::build) manifest: BTreeMap<String, String>,
    pub(in crate::commands::build) index: BTreeMap<String, String>,
    /// Beside the manifests, where an index names them.
    pub(in crate::commands::build) manifest_descriptor: BTreeMap<String, String>,
    /// Beside the index, where a layout names it.
    pub(in crate::commands::build) index_descriptor: BTreeMap<String, String>,
}

/// `[KIND[,KIND]:]NAME=VALUE`; without a kind it is the manifest's.
pub(in crate::commands::build) fn read_annotations(
    texts: &[String],
) -> Result<Annotations, OptionProblem> {
    const OPTION: &str = "--annotation";
    let mut annotations = Annotations::default();
    for text in texts.iter().filter(|text| !text.is_empty()) {
        let refuse = |key| OptionProblem::new(key, OPTION, text);
        let (left, value) = text.split_once('=').ok_or_else(|| refuse("pair_form"))?;
        let (kinds, name) = left.split_once(':').unwrap_or(("manifest", left));
        if name.is_empty() {
            return Err(refuse("no_name"));
        }
        for kind in kinds.split(',') {
            let list = match kind {
                "manifest" => &mut annotations.manifest,
                "index" => &mut annotations.index,
                "manifest-descriptor" => &mut annotations.manifest_descriptor,
                "index-descriptor" => &mut annotations.index_descriptor,
                _ if kind.contains('[') => return Err(refuse("annotation_later")),
                _ => return Err(refuse("annotation_kind").with("kind", kind)),
            };
            list.insert(name.to_owned(), value.to_owned());
        }
    }
    Ok(annotations)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Annotations, OptionProblem> {
        read_annotations(&[text.to_owned()])
    }

    #[test]
    fn an_annotation_is_the_manifests_unless_it_says_otherwise() {
        let found = read("org.example.a=b=c").expect("an annotation");
        assert_eq!(found.manifest["org.example.a"], "b=c");
        let found = read("index:a=b").expect("an annotation");
        assert!(found.manifest.is_empty());
        assert_eq!(found.index["a"], "b");
        let found = read("manifest,index:a=b").expect("two annotations");
        assert_eq!((found.manifest.len(), found.index.len()), (1, 1));
        let found = read("index-descriptor,manifest-descriptor:a=b").expect("two annotations");
        assert_eq!(found.index_descriptor["a"], "b");
        assert_eq!(found.manifest_descriptor["a"], "b");
    }

    #[test]
    fn other_kinds_are_refused() {
        for (text, key) in [
            ("a", "pair_form"),
            ("=b", "no_name"),
            ("layer:a=b", "annotation_kind"),
            ("manifest[linux/arm64]:a=b", "annotation_later"),
        ] {
            assert_eq!(read(text).expect_err(text).key(), key, "{text}");
        }
    }
}

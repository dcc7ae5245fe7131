//! `RUN --device`: a CDI device that the step asks for.

use crate::{
    Problem,
    suggest::suggest,
    values::{parse_flag, split_fields},
};

/// A device by its name, `vendor.example/class=name`. Whether a build may have it is the builder's decision.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    pub name: String,
    /// The build fails where the device is missing.
    pub required: bool,
}

pub(super) fn parse_device(text: &str) -> Result<Device, Problem> {
    let mut device = Device::default();
    if text.is_empty() {
        let field = "device".to_owned();
        return Err(Problem::FieldWithoutValue { field });
    }
    for field in split_fields(text)? {
        let (key, value) = match field.split_once('=') {
            Some((key, value)) => (key.to_ascii_lowercase(), Some(value)),
            None => (field.to_ascii_lowercase(), None),
        };
        match (key.as_str(), value) {
            ("required", None) => device.required = true,
            ("required", Some(value)) => {
                device.required = parse_flag(value).ok_or_else(|| Problem::FieldValue {
                    key,
                    value: value.to_owned(),
                })?;
            }
            ("name", Some(value)) => {
                if !device.name.is_empty() {
                    return Err(Problem::DeviceNamedTwice { name: device.name });
                }
                device.name = value.to_owned();
            }
            // A name has an `=` of its own, so the first field that is nothing else is the name.
            _ if device.name.is_empty() => device.name = field,
            (_, None) => return Err(Problem::FieldWithoutValue { field }),
            (_, Some(_)) => {
                let suggestion = suggest(&key, ["name", "required"]);
                return Err(Problem::FieldKey {
                    key,
                    field,
                    suggestion,
                });
            }
        }
    }
    Ok(device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_with_or_without_a_key() {
        for (text, name, required) in [
            ("vendor/class=one", "vendor/class=one", false),
            ("name=vendor/class=one,required", "vendor/class=one", true),
            ("vendor/class,required=false", "vendor/class", false),
            ("required=1,one", "one", true),
        ] {
            let name = name.to_owned();
            assert_eq!(parse_device(text), Ok(Device { name, required }), "{text}");
        }
        for text in ["a,b", "a,name=b", "a,requird=1", "required=x", "\"a"] {
            assert!(parse_device(text).is_err(), "{text}");
        }
    }
}

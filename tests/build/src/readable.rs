//! JSON that people read in a diff: one line for each small value, keys in order.

use serde_json::Value;

/// A container whose compact form is no longer than this stays on one line: longer ones would hide their end, shorter
/// ones would spread a file's attributes, of which its checksum alone takes 80, over ten lines.
const LINE: usize = 320;

/// `value` as text that ends with a newline; equal values give equal texts.
#[must_use]
pub fn write_readable(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value, 0);
    text.push('\n');
    text
}

fn write_value(text: &mut String, value: &Value, depth: usize) {
    let compact = value.to_string();
    let small = compact.len() + 2 * depth <= LINE && depth > 1;
    let pad = "  ".repeat(depth + 1);
    match value {
        Value::Object(map) if !small && !map.is_empty() => {
            text.push_str("{\n");
            for (index, (key, value)) in map.iter().enumerate() {
                text.push_str(&format!("{pad}{}: ", Value::from(key.as_str())));
                write_value(text, value, depth + 1);
                text.push_str(if index + 1 < map.len() { ",\n" } else { "\n" });
            }
            text.push_str(&format!("{}}}", "  ".repeat(depth)));
        }
        Value::Array(list) if !small && !list.is_empty() => {
            text.push_str("[\n");
            for (index, value) in list.iter().enumerate() {
                text.push_str(&pad);
                write_value(text, value, depth + 1);
                text.push_str(if index + 1 < list.len() { ",\n" } else { "\n" });
            }
            text.push_str(&format!("{}]", "  ".repeat(depth)));
        }
        _ => text.push_str(&compact),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::write_readable;

    #[test]
    fn what_is_written_is_read_back_equal() {
        let value = json!({"steps": [{"files": {"/a": {"mode": "0644", "x": "y".repeat(400)}, "/b": "removed"}}], "empty": {}});
        let text = write_readable(&value);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
        assert!(text.lines().count() > 6);
    }
}

//! The daemon's progress as JSON, written as its plain form writes it. The plain form itself leaves out warnings that come
//! with the last message.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// `text` with every line of JSON replaced by lines as of `--progress plain`: what steps printed, warnings, errors.
#[must_use]
pub(super) fn write_plain(text: &str) -> String {
    let mut plain = String::new();
    let mut steps: Vec<String> = Vec::new();
    let mut unfinished: Vec<Vec<u8>> = Vec::new();
    for line in text.lines() {
        let Some(status) = line
            .strip_prefix('{')
            .and_then(|_| serde_json::from_str::<Value>(line).ok())
        else {
            let _ = writeln!(plain, "{line}");
            continue;
        };
        let mut number = |value: &Value| {
            let digest = value.as_str().unwrap_or_default();
            let known = steps.iter().position(|step| step == digest);
            known.unwrap_or_else(|| {
                steps.push(digest.to_owned());
                steps.len() - 1
            })
        };
        for log in status["logs"].as_array().into_iter().flatten() {
            let step = number(&log["vertex"]);
            unfinished.resize(unfinished.len().max(step + 1), Vec::new());
            let bytes = log["data"]
                .as_str()
                .and_then(|data| STANDARD.decode(data).ok());
            unfinished[step].extend(bytes.unwrap_or_default());
            while let Some(end) = unfinished[step].iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = unfinished[step].drain(..=end).collect();
                let line = String::from_utf8_lossy(&line);
                let _ = writeln!(
                    plain,
                    "#{} 0.000 {}",
                    step + 1,
                    line.trim_end_matches(['\r', '\n'])
                );
            }
        }
        for warning in status["warnings"].as_array().into_iter().flatten() {
            let step = number(&warning["vertex"]) + 1;
            let short = warning["short"]
                .as_str()
                .and_then(|data| STANDARD.decode(data).ok());
            let short = short.unwrap_or_default();
            let _ = writeln!(plain, "#{step} WARN: {}", String::from_utf8_lossy(&short));
        }
        for vertex in status["vertexes"].as_array().into_iter().flatten() {
            if let Some(error) = vertex["error"].as_str().filter(|error| !error.is_empty()) {
                let _ = writeln!(plain, "#{} ERROR: {error}", number(&vertex["digest"]) + 1);
            }
        }
    }
    for (step, rest) in unfinished
        .iter()
        .enumerate()
        .filter(|(_, rest)| !rest.is_empty())
    {
        let _ = writeln!(
            plain,
            "#{} 0.000 {}",
            step + 1,
            String::from_utf8_lossy(rest)
        );
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::write_plain;

    #[test]
    fn logs_are_put_together_to_lines_and_the_rest_stays() {
        let text = "{\"logs\":[{\"vertex\":\"a\",\"data\":\"b25l\"}]}\n{\"logs\":[{\"vertex\":\"a\",\"data\":\"IHR3bwpx\"}],\"warnings\":[{\"vertex\":\"a\",\"short\":\"UnVsZTogeCAobGluZSAxKQ==\"}]}\nerror: x";
        assert_eq!(
            write_plain(text),
            "#1 0.000 one two\n#1 WARN: Rule: x (line 1)\nerror: x\n#1 0.000 q\n"
        );
    }
}

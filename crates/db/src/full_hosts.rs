//! Lists of what is due at other people's servers, without those that are busy with us: a host that never answers takes
//! its own places in such a list and nobody else's.

use crate::{ToValue, Value};

/// ` AND EXPRESSION NOT IN ($first, …)`, or nothing when no host is full.
pub(crate) fn leave_out(expression: &str, first: usize, full: &[String]) -> String {
    if full.is_empty() {
        return String::new();
    }
    let numbers: Vec<String> = (first..first + full.len())
        .map(|number| format!("${number}"))
        .collect();
    format!(" AND {expression} NOT IN ({})", numbers.join(", "))
}

/// The parameters of such a statement: its own, then the hosts.
pub(crate) fn with_hosts<'a>(own: &[Value<'a>], full: &'a [String]) -> Vec<Value<'a>> {
    let mut all = own.to_vec();
    all.extend(full.iter().map(ToValue::to_value));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_left_out_by_number() {
        assert_eq!(leave_out("address", 3, &[]), "");
        let full = ["a".to_owned(), "b".to_owned()];
        assert_eq!(
            leave_out("address", 3, &full),
            " AND address NOT IN ($3, $4)"
        );
    }
}

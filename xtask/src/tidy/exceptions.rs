//! The reviewed list of findings that are right as they stand.
//!
//! One line each: path, rule (or `rule:item`), reason. Empty lines and lines beginning with `#`
//! are comments.

use super::Finding;

/// Where the list stands.
pub(crate) const PATH: &str = "xtask/tidy-exceptions.txt";

struct Exception<'a> {
    line: usize,
    path: &'a str,
    rule: &'a str,
    item: Option<&'a str>,
    reason: &'a str,
}

impl Exception<'_> {
    fn excuses(&self, finding: &Finding) -> bool {
        let same_item = self.item.is_none_or(|item| item == finding.item);
        self.path == finding.path && self.rule == finding.rule && same_item
    }
}

/// Takes the excused findings out; adds one for each line that excuses nothing or gives no reason.
pub(crate) fn apply(list: &str, findings: Vec<Finding>) -> Vec<Finding> {
    let exceptions: Vec<Exception<'_>> = read(list).collect();
    let mut left: Vec<Finding> =
        exceptions.iter().filter_map(|exception| complaint(exception, &findings)).collect();
    left.extend(
        findings
            .into_iter()
            .filter(|finding| !exceptions.iter().any(|exception| exception.excuses(finding))),
    );
    left
}

fn read(list: &str) -> impl Iterator<Item = Exception<'_>> {
    let lines = list.lines().enumerate().filter(|(_, line)| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    });
    lines.map(|(at, line)| {
        let mut words = line.trim().splitn(3, char::is_whitespace);
        let path = words.next().unwrap_or_default();
        let rule = words.next().unwrap_or_default();
        let reason = words.next().unwrap_or_default().trim();
        let (rule, item) = match rule.split_once(':') {
            Some((rule, item)) => (rule, Some(item)),
            None => (rule, None),
        };
        Exception { line: at + 1, path, rule, item, reason }
    })
}

fn complaint(exception: &Exception<'_>, findings: &[Finding]) -> Option<Finding> {
    let message = if exception.reason.is_empty() {
        "an exception needs a reason"
    } else if findings.iter().any(|finding| exception.excuses(finding)) {
        return None;
    } else {
        "this exception excuses nothing any more: remove the line"
    };
    Some(Finding {
        path: PATH.to_owned(),
        line: exception.line,
        rule: "exceptions",
        item: String::new(),
        message: message.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(item: &str) -> Finding {
        Finding {
            path: "a.rs".into(),
            line: 1,
            rule: "size",
            item: item.into(),
            message: String::new(),
        }
    }

    #[test]
    fn a_reviewed_finding_is_silent_and_a_stale_line_is_not() {
        let list = "# why\na.rs size:long a table reads best whole\nb.rs size old\n";
        let left = apply(list, vec![finding("long"), finding("other")]);
        assert_eq!(left.len(), 2);
        assert_eq!(left[0].rule, "exceptions");
        assert_eq!(left[1].item, "other");
    }

    #[test]
    fn a_line_without_reason_is_refused() {
        let left = apply("a.rs size\n", vec![finding("")]);
        assert_eq!(left[0].message, "an exception needs a reason");
    }
}

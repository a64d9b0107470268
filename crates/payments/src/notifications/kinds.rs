//! The kinds of events that this house tells of; `docs/events.md` has the same list for readers.

/// The kind of the message that tries an endpoint out.
pub const TEST: &str = "webhook.test";

/// Every kind that can happen today. The first word names the object that `data` holds, but for
/// `reveal.refused` (a card) and `pin.locked` (a person).
pub const ALL: [&str; 58] = [
    "payment.created",
    "payment.action_required",
    "payment.authorised",
    "payment.to_validate",
    "payment.validated",
    "payment.refused",
    "payment.abandoned",
    "payment.unknown",
    "payment.cancelled",
    "payment.expiring",
    "payment.expired",
    "payment.captured",
    "payment.capture_failed",
    "payment.settled",
    "refund.sent",
    "refund.done",
    "refund.refused",
    "refund.recorded",
    "guarantee.changed",
    "chargeback.opened",
    "chargeback.deadline_near",
    "chargeback.submitted",
    "chargeback.won",
    "chargeback.lost",
    "authentication_link.sent",
    "authentication_link.opened",
    "authentication_link.done",
    "authentication_link.failed",
    "authentication_link.expired",
    "authentication_link.cancelled",
    "card.verified",
    "card.verification_failed",
    "card.virtual_updated",
    "card.virtual_chargeable",
    "hold.placed",
    "hold.extended",
    "hold.released",
    "hold.expired",
    "booking.created",
    "booking.confirmed",
    "booking.changed",
    "booking.cancelled",
    "booking.no_show",
    "booking.done",
    "booking.refused",
    "booking.expired",
    "card.stored",
    "card.attached",
    "card.revealed",
    "card.code_destroyed",
    "card.expiring",
    "card.suspended",
    "card.updated",
    "card.unclaimed",
    "card.purged",
    "reveal.refused",
    "pin.locked",
    "clock.moved",
];

/// Kinds that say who looks at cards: told to whoever may see cards or read the journal.
pub const OF_VIEWERS: [&str; 3] = ["card.revealed", "reveal.refused", "pin.locked"];

/// Key of the words for a kind.
#[must_use]
pub fn label(kind: &str) -> String {
    format!("event-{}", kind.replace(['.', '_'], "-"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    #[test]
    fn p_158_the_page_for_readers_lists_every_kind_once() {
        let text = std::fs::read_to_string(root().join("docs/events.md")).unwrap();
        let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
        let told: Vec<&str> = rows.map(|(kind, _)| kind).collect();
        let known: Vec<&str> = ALL.into_iter().chain([TEST]).collect();
        assert_eq!(told, known);
    }

    /// Words such as `"payment.captured"` in the sources of a folder, tests left out.
    fn words(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && name != "tests" && name != "notifications" {
                words(&path, found);
            } else if name.ends_with(".rs") && !name.contains("tests") {
                let text = std::fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
                found.extend(text.split('"').map(str::to_owned));
            }
        }
    }

    #[test]
    fn p_158_every_kind_stands_where_it_is_written() {
        let mut found = BTreeSet::new();
        for part in ["payments/src", "booking/src", "identity/src"] {
            words(&root().join("crates").join(part), &mut found);
        }
        let missing: Vec<&str> = ALL.into_iter().filter(|kind| !found.contains(*kind)).collect();
        assert_eq!(missing, [""; 0], "listed, but written nowhere");
    }
}

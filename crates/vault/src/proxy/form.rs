//! Values of a form (`application/x-www-form-urlencoded`, WHATWG URL, 5) with the bytes they stand
//! in.

use std::collections::HashMap;

use super::path::{Segment, is_long};
use super::visit::{Fate, Fault, Leaf, Manner, Removed, Visit};

/// Shows every value of a message, names of fields among them; the bytes that go away are told.
pub(super) fn walk(text: &str, visit: &mut dyn Visit) -> Result<Removed, Fault> {
    let mut removed = Removed::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let (mut at, mut kept) = (0_usize, false);
    for pair in text.split('&') {
        let end = at.saturating_add(pair.len());
        let name_length = pair.find('=').unwrap_or(pair.len());
        let value_from = end.min(at.saturating_add(name_length).saturating_add(1));
        // One pair and no other separator in it: the decoder gives it as it is.
        let decoded = form_urlencoded::parse(pair.as_bytes()).next();
        if let Some((name, value)) = decoded {
            visit.leaf(&[], Leaf { span: 0..0, text: name.clone(), manner: Manner::Fixed })?;
            if is_long(&name) || name.contains('\0') || value.contains('\0') {
                return Err(Fault::document(String::new()));
            }
            let count = seen.entry(name.clone().into_owned()).or_default();
            *count = count.saturating_add(1);
            let place = [Segment::Name(name.into_owned(), *count)];
            let leaf = Leaf { span: value_from..end, text: value, manner: Manner::Form };
            if visit.leaf(&place, leaf)? == Fate::Goes {
                // The separator before it, or when nothing is left before it the one after.
                let next = text.len().min(end.saturating_add(1));
                removed.push(if kept { at.saturating_sub(1)..end } else { at..next });
            } else {
                kept = true;
            }
        } else {
            kept = true;
        }
        at = end.saturating_add(1);
    }
    Ok(removed)
}

//! Bodies of programs, read strictly: unknown and doubled fields are refused, and the fault names
//! the field without repeating what was sent.

use serde::de::DeserializeOwned;

/// Why a body is not read.
pub(crate) struct BadBody {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    /// Of the field, from the root on: `$.card.number`.
    pub(crate) path: String,
}

/// Reads a body.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BadBody> {
    // What is no JSON is that, whatever its first fields are.
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes).map_err(|_| BadBody {
        status: 400,
        code: "json_invalid",
        path: "$".to_owned(),
    })?;
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let place = error.path().iter().filter_map(|segment| match segment {
            serde_path_to_error::Segment::Map { key } => Some(key.clone()),
            _ => None,
        });
        (place.collect(), error.into_inner())
    });
    let body: T = read.map_err(|(place, error)| bad(place, &error))?;
    json.end().map_err(|error| bad(Vec::new(), &error))?;
    Ok(body)
}

fn bad(mut place: Vec<String>, error: &serde_json::Error) -> BadBody {
    let text = error.to_string();
    let named = |lead: &str| {
        let rest = text.strip_prefix(lead)?;
        rest.split('`').next().map(str::to_owned)
    };
    let faults = [
        ("duplicate field `", 400, "duplicate_key"),
        ("unknown field `", 422, "unknown_field"),
        ("missing field `", 422, "invalid_field"),
    ];
    let named = faults
        .iter()
        .find_map(|(lead, status, code)| named(lead).map(|field| (*status, *code, field)));
    let (status, code) = match named {
        Some((status, code, field)) => {
            // An unknown name may have been taken into the path already.
            if place.last() != Some(&field) {
                place.push(field);
            }
            (status, code)
        }
        None if error.is_data() => (422, "invalid_field"),
        None => (400, "json_invalid"),
    };
    let path = std::iter::once("$".to_owned()).chain(place).collect::<Vec<_>>().join(".");
    BadBody { status, code, path }
}

/// Whether a text prints in one line, in the order in which it stands: without control characters,
/// separators of lines and marks of direction (Unicode, UAX #9).
pub(crate) fn is_plain_line(text: &str) -> bool {
    !text.chars().any(|c| {
        c.is_control()
            || matches!(
                c,
                '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            )
    })
}

//! Placeholders: `{{card.exp_year:2}}`, `{{arg.ref}}`, `{{card.code?}}`. No loops, no conditions.
//! What is filled in is escaped for a JSON string, always.

use std::collections::BTreeMap;

use kernel::Timestamp;
use zeroize::Zeroizing;

use crate::keys::record::Plain;

/// A piece of a template's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// As written.
    Text(String),
    /// To be filled in.
    Slot {
        source: Source,
        modifiers: Vec<Modifier>,
        /// Empty when absent, instead of a refusal.
        optional: bool,
    },
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    Number,
    ExpiryMonth,
    ExpiryYear,
    Holder,
    Code,
    Brand,
    ShopName,
    ShopTime,
    Arg(String),
}

/// What is done with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Modifier {
    /// The last two digits, zero-padded.
    Two,
    /// The last four digits, zero-padded.
    Four,
    /// In groups of four.
    GroupFour,
    /// Upper case.
    Upper,
}

/// Reads a body; the fault is a sentence.
pub(crate) fn parse(body: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = body;
    while let Some((text, after)) = rest.split_once("{{") {
        let (inside, after) = after.split_once("}}").ok_or("a placeholder is not closed")?;
        pieces.push(Piece::Text(text.to_owned()));
        pieces.push(slot(inside)?);
        rest = after;
    }
    // `}}` outside a placeholder ends nested JSON objects only together with its openings.
    let opened = body.matches('{').count();
    if opened != body.matches('}').count() {
        return Err("braces do not match".into());
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Ok(pieces)
}

fn slot(inside: &str) -> Result<Piece, String> {
    let (inside, optional) = inside.strip_suffix('?').map_or((inside, false), |i| (i, true));
    let mut parts = inside.split(':');
    let source = match parts.next().unwrap_or_default() {
        "card.number" => Source::Number,
        "card.exp_month" => Source::ExpiryMonth,
        "card.exp_year" => Source::ExpiryYear,
        "card.holder" => Source::Holder,
        "card.code" => Source::Code,
        "card.brand" => Source::Brand,
        "shop.name" => Source::ShopName,
        "shop.time" => Source::ShopTime,
        other => match other.strip_prefix("arg.") {
            Some(name) if !name.is_empty() => Source::Arg(name.to_owned()),
            _ => return Err(format!("placeholder {other}")),
        },
    };
    let modifier = |word| match word {
        "2" => Ok(Modifier::Two),
        "4" => Ok(Modifier::Four),
        "group4" => Ok(Modifier::GroupFour),
        "upper" => Ok(Modifier::Upper),
        other => Err(format!("modifier {other}")),
    };
    let modifiers = parts.map(modifier).collect::<Result<_, String>>()?;
    Ok(Piece::Slot { source, modifiers, optional })
}

/// Names of the arguments that a body uses.
pub(crate) fn args_used(body: &[Piece]) -> impl Iterator<Item = &str> {
    body.iter().filter_map(|piece| match piece {
        Piece::Slot { source: Source::Arg(name), .. } => Some(name.as_str()),
        _ => None,
    })
}

/// Whether a body has a place for the security code.
pub(crate) fn uses_code(body: &[Piece]) -> bool {
    body.iter().any(|piece| matches!(piece, Piece::Slot { source: Source::Code, .. }))
}

/// What is filled in.
pub(crate) struct Values<'v> {
    /// The card.
    pub(crate) card: &'v Plain,
    /// Its code, if it goes along.
    pub(crate) code: Option<&'v str>,
    /// Its scheme.
    pub(crate) brand: &'v str,
    /// Name of the shop.
    pub(crate) shop: &'v str,
    /// The instant on its clock.
    pub(crate) shop_now: Timestamp,
    /// The arguments, checked.
    pub(crate) args: &'v BTreeMap<String, String>,
}

impl Values<'_> {
    fn of(&self, source: &Source) -> Option<Zeroizing<String>> {
        let text = |text: &str| Some(Zeroizing::new(text.to_owned()));
        match source {
            Source::Number => text(&self.card.number),
            Source::ExpiryMonth => text(&self.card.month.to_string()),
            Source::ExpiryYear => text(&self.card.year.to_string()),
            Source::Holder => text(&self.card.holder),
            Source::Code => self.code.and_then(text),
            Source::Brand => text(self.brand),
            Source::ShopName => text(self.shop),
            Source::ShopTime => text(&self.shop_now.to_string()),
            Source::Arg(name) => self.args.get(name).and_then(|arg| text(arg)),
        }
        .filter(|value| !value.is_empty())
    }
}

/// The body with everything filled in; `None` when something that must be there is not.
pub(crate) fn fill(body: &[Piece], values: &Values<'_>) -> Option<Zeroizing<Vec<u8>>> {
    // Grown once, so that no half-filled copy is left behind unwiped.
    const ROOM_BYTES: usize = 16 * 1024;
    let mut filled = Zeroizing::new(Vec::with_capacity(ROOM_BYTES));
    for piece in body {
        match piece {
            Piece::Text(text) => filled.extend_from_slice(text.as_bytes()),
            Piece::Slot { source, modifiers, optional } => match values.of(source) {
                None if *optional => {}
                None => return None,
                Some(value) => {
                    let value =
                        modifiers.iter().fold(value, |value, modifier| modifier.apply(&value));
                    escape_json(&value, &mut filled);
                }
            },
        }
    }
    Some(filled)
}

impl Modifier {
    fn apply(self, value: &str) -> Zeroizing<String> {
        let last = |n: usize| {
            let padded = Zeroizing::new(format!("{value:0>n$}"));
            padded.chars().skip(padded.chars().count().saturating_sub(n)).collect::<String>()
        };
        Zeroizing::new(match self {
            Self::Two => last(2),
            Self::Four => last(4),
            Self::Upper => value.to_uppercase(),
            Self::GroupFour => {
                let mut grouped = String::with_capacity(value.len().saturating_mul(2));
                for (place, c) in value.chars().enumerate() {
                    if place > 0 && place % 4 == 0 {
                        grouped.push(' ');
                    }
                    grouped.push(c);
                }
                grouped
            }
        })
    }
}

/// The inside of a JSON string (RFC 8259, section 7).
fn escape_json(value: &str, into: &mut Vec<u8>) {
    for c in value.chars() {
        match c {
            '"' => into.extend_from_slice(b"\\\""),
            '\\' => into.extend_from_slice(b"\\\\"),
            c if u32::from(c) < 0x20 => {
                into.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes());
            }
            c => into.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "{\"amt\":{{arg.amount}},\"pan\":\"{{card.number}}\",\"exp\":\
        \"{{card.exp_month:2}}{{card.exp_year:2}}\",\"cvc\":\"{{card.code?}}\"}";

    fn filled(body: &str, code: Option<&str>, args: &[(&str, &str)]) -> Option<String> {
        let card = Plain {
            number: "5207000000000000".into(),
            month: 6,
            year: 2030,
            holder: "François \"F\"".into(),
        };
        let args = args.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let shop_now = Timestamp::parse_rfc3339("2026-06-15T09:00:00+02:00").unwrap();
        let brand = "visa";
        let values = Values { card: &card, code, brand, shop: "Hôtel", shop_now, args: &args };
        let bytes = fill(&parse(body).unwrap(), &values)?;
        Some(String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn v_90_ve_15_the_body_of_the_specification() {
        let amount = [("amount", "7000")];
        assert_eq!(
            filled(BODY, Some("123"), &amount).unwrap(),
            r#"{"amt":7000,"pan":"5207000000000000","exp":"0630","cvc":"123"}"#
        );
        assert_eq!(
            filled(BODY, None, &amount).unwrap(),
            r#"{"amt":7000,"pan":"5207000000000000","exp":"0630","cvc":""}"#
        );
        assert_eq!(filled(BODY, None, &[]), None, "an argument is missing");
        let escaped = filled(r#"{"r":"{{arg.r}}"}"#, None, &[("r", "a\"b")]).unwrap();
        assert_eq!(escaped, r#"{"r":"a\"b"}"#);
        let holder = filled(r#""{{card.holder:upper}}""#, None, &[]).unwrap();
        assert_eq!(serde_json::from_str::<String>(&holder).unwrap(), "FRANÇOIS \"F\"");
        assert_eq!(filled("{{card.number:group4}}", None, &[]).unwrap(), "5207 0000 0000 0000");
        assert_eq!(filled("{{card.exp_month:4}}", None, &[]).unwrap(), "0006");
        assert_eq!(filled("{{shop.time}}", None, &[]).unwrap(), "2026-06-15T07:00:00Z");
    }
}

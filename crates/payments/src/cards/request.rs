//! A request to open a card page, read strictly.

use kernel::{Locale, Money, Problem};
use serde_json::Value;
use vault_wire::{CaptureCreate, CodePolicy, Display, Keep, Purpose};

use crate::fields::{Body, Object};

const MAX_URL_CHARACTERS: usize = 2_000;
const MAX_LABEL_CHARACTERS: usize = 200;
const MAX_LINES: usize = 20;

/// Reads a request to open a card page in the key's own shop.
///
/// # Errors
/// 422 with every wrong field.
pub fn capture_session(value: &Value, own: kernel::ShopId) -> Result<CaptureCreate, Problem> {
    let body = Body::new();
    let root = body.root(value);
    let shop = root.parsed("shop", "a shop id");
    let purpose = match root.required("purpose", root.text("purpose", 20)).as_deref() {
        Some("guarantee") => Purpose::Guarantee,
        Some("save") => Purpose::Save,
        Some("moto") => Purpose::Moto,
        Some("payment") | None => Purpose::Payment,
        Some(_) => {
            root.fault("purpose", "Give payment, guarantee, save or moto.");
            Purpose::Payment
        }
    };
    let return_url = root.required("return_url", root.text("return_url", MAX_URL_CHARACTERS));
    let request = CaptureCreate {
        shop: shop.unwrap_or(own),
        purpose,
        payment: root.parsed("payment", "a payment id"),
        booking: root.parsed("booking", "a booking id"),
        customer: root.parsed("customer", "a customer id"),
        keep: choice(&root, "keep", &[("none", Keep::None), ("booking", Keep::Booking)]),
        lang: language(&root),
        return_url: return_url.unwrap_or_default(),
        form_origin: root.text("form_origin", MAX_URL_CHARACTERS),
        frame_origin: root.text("frame_origin", MAX_URL_CHARACTERS),
        card: root.parsed("card", "a card id"),
        ask: Vec::new(),
        code: code(&root, purpose),
        brands: Vec::new(),
        display: display(&root.object("display")),
    };
    root.close();
    body.finish()?;
    if request.shop == own { Ok(request) } else { Err(Problem::not_found()) }
}

/// Whether the security code is asked for; a guarantee asks for none.
fn code(root: &Object<'_>, purpose: Purpose) -> CodePolicy {
    if purpose == Purpose::Guarantee && root.value("code").is_none() {
        return CodePolicy::None;
    }
    let all = [
        ("required", CodePolicy::Required),
        ("optional", CodePolicy::Optional),
        ("none", CodePolicy::None),
    ];
    choice(root, "code", &all)
}

fn choice<T: Copy + Default>(root: &Object<'_>, name: &'static str, all: &[(&str, T)]) -> T {
    let Some(text) = root.text(name, 20) else { return T::default() };
    let found = all.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.unwrap_or_else(|| {
        let words: Vec<&str> = all.iter().map(|(word, _)| *word).collect();
        root.fault(name, format!("Give one of: {}.", words.join(", ")));
        T::default()
    })
}

fn language(root: &Object<'_>) -> Locale {
    let Some(code) = root.text("lang", 2) else { return Locale::Fr };
    let found = Locale::ALL.into_iter().find(|locale| locale.code() == code);
    found.unwrap_or_else(|| {
        root.fault("lang", "Give one of: fr, en, de, es, it, nl, pt, pl.");
        Locale::Fr
    })
}

fn display(object: &Object<'_>) -> Display {
    let minor = object.integer("amount");
    let currency = object.parsed("currency", "three upper-case letters (ISO 4217)");
    let lines = object.value("lines").map_or_else(Vec::new, |value| lines(object, value));
    let display = Display {
        amount: minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency)),
        merchant: object.text("merchant", MAX_LABEL_CHARACTERS).unwrap_or_default(),
        lines,
        back_url: object.text("back_url", MAX_URL_CHARACTERS),
        email: object.text("email", MAX_LABEL_CHARACTERS),
        button: object.text("button", MAX_LABEL_CHARACTERS),
        ..Display::default()
    };
    object.close_ref();
    display
}

fn lines(object: &Object<'_>, value: &Value) -> Vec<String> {
    let texts: Option<Vec<String>> = value
        .as_array()
        .filter(|list| list.len() <= MAX_LINES)
        .and_then(|list| list.iter().map(|line| line.as_str().map(str::to_owned)).collect());
    let fine = texts.as_ref().is_some_and(|texts| {
        texts.iter().all(|text| {
            text.chars().count() <= MAX_LABEL_CHARACTERS
                && !kernel::card_text::holds_card_number(text)
        })
    });
    if !fine {
        object.fault("lines", "Give at most 20 short texts without card numbers.");
    }
    texts.unwrap_or_default()
}

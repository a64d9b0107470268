//! The form as posted, and what of it is good.

use kernel::{Date, Email, Locale};
use vault_wire::{AskAgain, Brand, CodePolicy};
use zeroize::Zeroizing;

use super::drafts::Draft;
use super::store::CaptureRow;
use crate::bins::Table;
use crate::card::{
    Cvv, Expiry, Fault, Field, FieldFault, Pan, read_code, read_email, read_expiry, read_holder,
};
use crate::shop::Shop;

/// Most fields a form may have.
const MAX_FIELDS: usize = 32;

/// The fields of the card form as text. Wiped when dropped.
#[derive(Default)]
pub(crate) struct CardForm {
    pub(crate) number: Zeroizing<String>,
    pub(crate) exp: Zeroizing<String>,
    pub(crate) code: Zeroizing<String>,
    pub(crate) holder: Zeroizing<String>,
    /// `None` when the form did not ask.
    pub(crate) brand: Option<String>,
    pub(crate) email: String,
    pub(crate) save: bool,
    /// Another language was asked for instead of sending.
    pub(crate) lang: Option<Locale>,
    /// The number kept is not to be used.
    pub(crate) change: bool,
}

impl CardForm {
    /// Reads `application/x-www-form-urlencoded`; unknown fields are ignored.
    pub(crate) fn parse(body: &[u8]) -> Self {
        let mut form = Self::default();
        for pair in body.split(|byte| *byte == b'&').take(MAX_FIELDS) {
            let split = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at_checked(split).unwrap_or((pair, &[]));
            let value = decode(value.get(1..).unwrap_or(&[]));
            match name {
                b"number" => form.number = value,
                b"exp" => form.exp = value,
                b"code" => form.code = value,
                b"holder" => form.holder = value,
                b"brand" => form.brand = Some(value.to_string()),
                b"email" => form.email = value.trim().to_owned(),
                b"save" => form.save = !value.is_empty(),
                b"lang" => form.lang = Locale::parse(&value),
                b"change" => form.change = !value.is_empty(),
                _ => {}
            }
        }
        form
    }
}

/// The fields of a form: names and values, each wiped when dropped.
pub(crate) fn decode_form(body: &[u8]) -> Vec<(String, Zeroizing<String>)> {
    let pair = |pair: &[u8]| {
        let split = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at_checked(split).unwrap_or((pair, &[]));
        (decode(name).to_string(), decode(value.get(1..).unwrap_or(&[])))
    };
    body.split(|byte| *byte == b'&').take(MAX_FIELDS).map(pair).collect()
}

/// Percent-decoding; bytes that are no UTF-8 become the replacement character.
fn decode(text: &[u8]) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        let hex = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16));
        let decoded = match byte {
            b'+' => b' ',
            b'%' => {
                let ahead = rest.as_slice();
                match (hex(ahead.first()), hex(ahead.get(1))) {
                    (Some(high), Some(low)) => {
                        rest = ahead.get(2..).unwrap_or(&[]).iter();
                        u8::try_from(high.wrapping_mul(16).wrapping_add(low)).unwrap_or(b'%')
                    }
                    _ => b'%',
                }
            }
            other => *other,
        };
        bytes.push(decoded);
    }
    Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned())
}

/// What is good of a form, and what is wrong.
pub(crate) struct Entered {
    pub(crate) pan: Option<Pan>,
    pub(crate) expiry: Option<Expiry>,
    pub(crate) code: Option<Cvv>,
    pub(crate) holder: Zeroizing<String>,
    pub(crate) email: Option<Email>,
    pub(crate) faults: Vec<FieldFault>,
}

/// Reads the form over what was kept from before.
pub(crate) fn read(
    form: &CardForm,
    mut draft: Draft,
    capture: &CaptureRow,
    (shop, table): (&Shop, &Table),
    today: Date,
) -> Entered {
    let display = &capture.request.display;
    let mut faults = Vec::new();
    let mut note = |field, fault| faults.push(FieldFault::new(field, fault));

    let typed_anew = !form.number.is_empty() || form.change;
    let pan = if typed_anew {
        draft.expiry = None;
        draft.code = None;
        let read = Pan::read(&form.number, table)
            .and_then(|pan| pan.check(shop.settings.mode, &capture.brands(shop)).map(|()| pan));
        read.map_err(|fault| note(Field::Number, fault)).ok()
    } else if let Some(kept) = draft.pan.take() {
        Some(kept)
    } else {
        note(Field::Number, Fault::NumberMissing);
        None
    };

    let expiry = if form.exp.trim().is_empty() {
        draft.expiry.ok_or(Fault::ExpiryFormat)
    } else {
        read_expiry(&form.exp).and_then(|expiry| expiry.check(today).map(|()| expiry))
    };
    let expiry = expiry.map_err(|fault| note(Field::Expiry, fault)).ok();

    let length = pan.as_ref().map_or(3, Pan::code_length);
    let code = match read_code(&form.code, length) {
        Ok(Some(code)) => Some(code),
        Ok(None) => draft.code.take(),
        Err(fault) => {
            note(Field::Code, fault);
            None
        }
    };
    let missing = code.is_none() && form.code.trim().is_empty();
    if missing && capture.request.code == CodePolicy::Required {
        note(Field::Code, Fault::CodeRequired);
    }

    let typed = if form.holder.trim().is_empty() { &draft.holder } else { &form.holder };
    let holder = if typed.trim().is_empty() && !display.ask_name {
        Zeroizing::new(String::new())
    } else {
        read_holder(typed).unwrap_or_else(|fault| {
            note(Field::Holder, fault);
            Zeroizing::new(String::new())
        })
    };

    let typed = if form.email.is_empty() { &draft.email } else { &form.email };
    let email = if typed.is_empty() && !display.ask_email {
        None
    } else {
        read_email(typed).map_err(|fault| note(Field::Email, fault)).ok()
    };
    Entered { pan, expiry, code, holder, email, faults }
}

/// What a guest must type again of a card that was refused: the draft of a new page.
pub(crate) fn draft_of(ask: &[AskAgain], pan: Pan, expiry: Expiry) -> Draft {
    if ask.contains(&AskAgain::Number) {
        return Draft::default();
    }
    let expiry = (!ask.contains(&AskAgain::Expiry)).then_some(expiry);
    Draft { pan: Some(pan), expiry, ..Draft::default() }
}

/// Schemes of the card that the shop takes, the domestic one first.
pub(crate) fn possible_brands(pan: &Pan, accepted: &[Brand]) -> Vec<Brand> {
    pan.scheme().all().into_iter().filter(|brand| accepted.contains(brand)).collect()
}

/// The scheme to use: the one chosen, or none when the guest is still to be asked.
pub(crate) fn choose_brand(
    form: &CardForm,
    pan: &Pan,
    accepted: &[Brand],
) -> Result<Option<Brand>, Vec<Brand>> {
    let possible = possible_brands(pan, accepted);
    match (&form.brand, possible.as_slice()) {
        (_, [] | [_]) => Ok(None),
        (Some(word), [preset, ..]) => {
            let chosen = Brand::parse(word).filter(|brand| possible.contains(brand));
            Ok(Some(chosen.unwrap_or(*preset)))
        }
        (None, _) => Err(possible),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_form_is_decoded() {
        let form =
            CardForm::parse(b"number=4242+4242%204242&exp=03%2F29&holder=%C3%89lise&save=1&x=y");
        assert_eq!(form.number.as_str(), "4242 4242 4242");
        assert_eq!(form.exp.as_str(), "03/29");
        assert_eq!(form.holder.as_str(), "Élise");
        assert!(form.save && form.brand.is_none());
        assert_eq!(CardForm::parse(b"brand=").brand.as_deref(), Some(""));
        assert_eq!(CardForm::parse(b"exp=%4").exp.as_str(), "%4");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body: Vec<u8>) {
            let _ = CardForm::parse(&body);
        }
    }
}

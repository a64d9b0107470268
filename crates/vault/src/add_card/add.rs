//! Adding a card: key, address, repeat, checks, storage.

use std::sync::Arc;

use aws_lc_rs::digest;
use db::{DbError, Route};
use kernel::card_text::holds_card_number;
use kernel::{Clock, Id, MerchantId, PartnerId, ShopId};
use serde_json::json;
use vault_wire::PartnerScope;
use zeroize::Zeroizing;

use super::body::{Body, Virtual};
use super::keep::Arrival;
use super::store::{self, Repeat};
use crate::bins::Table;
use crate::card::{
    self, CardKind, CardRow, Cvv, Expiry, Fault, Field, FieldFault, Keeper, NewCard, Pan,
    read_code, read_holder,
};
use crate::core::codes::Codes;
use crate::partner::{Answered, Caller, Denied, Doors, Knock};
use crate::shop::Shop;
use crate::strict;

const MAX_KEY_CHARACTERS: usize = 255;
pub(crate) const MAX_REFERENCE_CHARACTERS: usize = 64;

/// Cards by the vault's own API.
#[derive(Clone)]
pub(crate) struct Cards {
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) codes: Arc<Codes>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) doors: Arc<Doors>,
}

impl Cards {
    /// Stores a card, once per key of idempotency.
    pub(crate) async fn add(&self, request: Knock) -> Result<Answered, Denied> {
        let caller = self.doors.enter(&request, PartnerScope::CardsWrite)?;
        let name = request.idempotency.as_deref().unwrap_or_default();
        let printable = name.bytes().all(|b| (0x20..0x7f).contains(&b));
        if name.is_empty() || name.len() > MAX_KEY_CHARACTERS || !printable {
            return Err(Denied::new(400, "idempotency_key_required"));
        }
        let body: Body = strict::parse(&request.body)?;
        let shop = self.doors.shop(&caller, &body.shop).await?;
        let id = repeat_id(caller.partner().map(|partner| partner.id), shop.settings.shop, name);
        let key = (shop.settings.merchant, id);
        let body_hash = shop.keys.body.hmac(&[b"guichet.body.v1\0", &request.body]);
        let now = shop.now(self.clock.now());
        let repeat = self.write(id, move |tx| store::take_key(tx, key, body_hash, now)).await?;
        match repeat {
            Repeat::Fresh => {}
            Repeat::Answered(json) => return Ok(Answered { status: 201, json, again: true }),
            Repeat::InFlight => return Err(Denied::new(409, "idempotency_in_flight")),
            Repeat::Mismatch => return Err(Denied::new(422, "idempotency_mismatch")),
        }
        let outcome = self.add_fresh((&shop, &caller), &body, key).await;
        if outcome.is_err() {
            self.write(id, move |tx| store::free_key(tx, key)).await?;
        }
        outcome
    }

    async fn add_fresh(
        &self,
        (shop, caller): (&Shop, &Caller),
        body: &Body,
        key: (MerchantId, Id),
    ) -> Result<Answered, Denied> {
        if !shop.cards.accept_cards {
            return Err(Denied::new(409, "storage_off"));
        }
        let real = self.clock.now();
        let now = shop.now(real);
        let (card, code) = read((body, &self.keeper.bins.current()), shop, shop.today(real))?;
        let known = self.known(shop, &card).await?;
        let status = if known.is_some() { 200 } else { 201 };
        let today = shop.zone.date(now);
        let arrival =
            Arrival { actor: caller.actor(), counted: caller.counted(real), card, code, known };
        let kept = self.keep(shop, arrival, move |tx, row, held| {
            let json = serde_json::to_string(&card::view(row, today, held));
            let json = json.map_err(|_| DbError::Corrupt("card".into()))?;
            store::answer_key(tx, key, &json)?;
            Ok(json)
        });
        let (row, json) = kept.await.map_err(Denied::internal)?;
        tracing::info!(card = %row.token, "card stored by api");
        Ok(Answered { status, json, again: false })
    }

    /// The card of the same customer with the same number.
    async fn known(&self, shop: &Shop, card: &NewCard) -> Result<Option<CardRow>, Denied> {
        let Some(customer) = card.customer.clone() else { return Ok(None) };
        let print = self.keeper.fingerprint(shop, &card.pan);
        let owner = shop.place();
        let found = self
            .keeper
            .db
            .read::<_, DbError, _>(move |tx| card::store::same_card(tx, owner, &customer, print))
            .await;
        found.map_err(Denied::internal)
    }

    async fn write<T, F>(&self, route: Id, unit: F) -> Result<T, Denied>
    where
        T: Send + 'static,
        F: FnMut(&mut db::Tx<'_>) -> Result<T, DbError> + Send + 'static,
    {
        self.keeper.db.write(Route::of(route), unit).await.map_err(Denied::internal)
    }
}

/// Checks every field; all faults come together.
fn read(
    (body, table): (&Body, &Table),
    shop: &Shop,
    today: kernel::Date,
) -> Result<(NewCard, Option<Cvv>), Denied> {
    let mut faults = Vec::new();
    let mut note = |field, fault| faults.push(FieldFault::new(field, fault));
    let pan = Pan::read(body.card.number.expose(), table)
        .and_then(|pan| pan.check(shop.settings.mode, &shop.cards.brands).map(|()| pan))
        .map_err(|fault| note(Field::Number, fault))
        .ok();
    let expiry = u8::try_from(body.card.exp_month)
        .ok()
        .zip(u16::try_from(body.card.exp_year).ok())
        .and_then(|(month, year)| Expiry::new(month, year))
        .ok_or(Fault::ExpiryFormat)
        .and_then(|expiry| expiry.check(today).map(|()| expiry))
        .map_err(|fault| note(Field::Expiry, fault))
        .ok();
    let holder = match &body.card.holder {
        None => Zeroizing::new(String::new()),
        Some(raw) => read_holder(raw.expose()).unwrap_or_else(|fault| {
            note(Field::Holder, fault);
            Zeroizing::new(String::new())
        }),
    };
    let length = pan.as_ref().map_or(3, Pan::code_length);
    let code = match &body.card.security_code {
        None => None,
        Some(raw) => read_code(raw.expose(), length).unwrap_or_else(|fault| {
            note(Field::Code, fault);
            None
        }),
    };
    let (Some(pan), Some(expiry), true) = (pan, expiry, faults.is_empty()) else {
        return Err(Denied::Fields(faults));
    };
    let new = about(body, pan, (expiry, holder))?;
    Ok((new, code))
}

/// What the body says beside the card itself.
fn about(body: &Body, pan: Pan, card: (Expiry, Zeroizing<String>)) -> Result<NewCard, Denied> {
    let (expiry, holder) = card;
    let source = body.source.as_ref();
    let channel = source.and_then(|source| source.channel.clone());
    for (text, path) in [
        (&body.booking, "$.booking"),
        (&body.customer, "$.customer"),
        (&channel, "$.source.channel"),
    ] {
        let Some(text) = text else { continue };
        if holds_card_number(text) {
            return Err(Denied::Simple(422, "pan_in_wrong_field", Some(path.to_owned())));
        }
        if text.is_empty() || text.chars().count() > MAX_REFERENCE_CHARACTERS {
            return Err(Denied::Simple(422, "invalid_field", Some(path.to_owned())));
        }
    }
    let kind = match (&body.customer, &body.booking) {
        (Some(_), _) => CardKind::Saved,
        (None, Some(booking)) if booking.starts_with("bkg_") => CardKind::Booking,
        (None, _) => CardKind::Pending,
    };
    let entry = match source.and_then(|source| source.entry.as_deref()) {
        Some("feed") => "feed",
        Some("import") => "import",
        Some("phone") => "phone",
        _ => "api",
    };
    Ok(NewCard {
        pan,
        expiry,
        holder,
        preferred: None,
        kind,
        entry,
        channel,
        is_virtual: body.virtual_card.is_some(),
        told: body.virtual_card.as_ref().map(read_virtual).transpose()?,
        customer: body.customer.clone(),
        booking: body.booking.clone(),
        payment: None,
    })
}

/// Trades (ISO 18245) that a virtual card names at most.
const MOST_TRADES: usize = 20;

/// Window and balance as they are kept; days and amounts are read, so that nothing else is.
fn read_virtual(told: &Virtual) -> Result<String, Denied> {
    let wrong =
        |name: &str| Denied::Simple(422, "invalid_field", Some(format!("$.virtual.{name}")));
    let days = [
        ("active_from", &told.active_from),
        ("active_until", &told.active_until),
        ("charge_before", &told.charge_before),
    ];
    let trade = |code: &String| code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit());
    let trades = told.mcc_allowed.as_deref().unwrap_or_default();
    if trades.len() > MOST_TRADES || !trades.iter().all(trade) {
        return Err(wrong("mcc_allowed"));
    }
    for (name, day) in days {
        if day.as_ref().is_some_and(|day| day.parse::<kernel::Date>().is_err()) {
            return Err(wrong(name));
        }
    }
    if let Some(balance) = &told.balance
        && (balance.amount < 0 || balance.currency.parse::<kernel::Currency>().is_err())
    {
        return Err(wrong("balance"));
    }
    let told = json!({
        "active_from": told.active_from,
        "active_until": told.active_until,
        "charge_before": told.charge_before,
        "balance": told.balance,
        "mcc_allowed": trades,
        "single_use": told.single_use.unwrap_or_default(),
        "source": "channel",
        "refund_before": null,
        "attempts_24h": 0,
    });
    Ok(told.to_string())
}

/// Under what a request is kept: two partners of one shop may use the same name.
fn repeat_id(partner: Option<PartnerId>, shop: ShopId, name: &str) -> Id {
    let lead = partner.map(|partner| format!("{partner} ")).unwrap_or_default();
    short_hash(&format!("{lead}{shop}\n{name}"))
}

fn short_hash(text: &str) -> Id {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let mut short = [0; 16];
    for (to, from) in short.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    Id::from_bytes(short)
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use super::*;

    #[test]
    fn v_24_a_repeat_is_known_by_shop_and_name_and_partners_are_apart() {
        let rng = SeededRng::new(1);
        let shop = ShopId::random(&rng);
        let [one, other] = [PartnerId::random(&rng), PartnerId::random(&rng)];
        let own = repeat_id(None, shop, "k");
        assert_eq!(own, short_hash(&format!("{shop}\nk")), "as it was before there were partners");
        let ids = [own, repeat_id(Some(one), shop, "k"), repeat_id(Some(other), shop, "k")];
        assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
        assert_ne!(own, repeat_id(None, shop, "l"));
    }
}

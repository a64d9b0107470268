//! What stands on the stage of a journey beside the catalogue.

use booking::bookings::creating::ops::{self as creating, Created, NewBooking};
use booking::bookings::model::{Provenance, Source};
use booking::carts::ContactDraft;
use booking::carts::ops::{Calendar, NewCart, NewLine};
use booking::lodging::model::Guests;
use booking::lodging::{Party, store as lodging_store};
use booking::moment::Moment;
use db::{Route, Tx};
use kernel::time::plus_days;
use kernel::{CartId, Locale, Mode, Scope, Timestamp, Zone};
use vault_wire::{CardSettingsGet, CardSettingsPut, VaultClient, WireError, WireScope};
use web::Context;

use super::{Fault, fault, text};
use crate::demo::{Keys, MerchantKeys};

/// The stay that was booked before anybody thought of cards.
const LODGING: &str = "Double jardin";
const BOOKED_DAYS_AGO: i64 = 5;
const ARRIVES_IN_DAYS: i64 = 21;
const NIGHTS: i64 = 2;
const MINUTES_OF_A_DAY: i64 = 24 * 60;

/// No card is kept yet, and a guest whose booking came five days ago has left none.
///
/// # Errors
/// A sentence with the cause.
pub(crate) async fn no_cards_yet(
    ctx: &Context,
    vault: &VaultClient,
    keys: &Keys,
) -> Result<(), String> {
    let Some(hotel) = keys.merchants.first() else { return Ok(()) };
    keep_no_cards(vault, hotel).await.map_err(text)?;
    let scope = identity::scope::for_house(hotel.id, Mode::Test);
    let (own, hotel) = (ctx.clone(), hotel.clone());
    let at = ctx.now(hotel.shop).plus_minutes(-BOOKED_DAYS_AGO * MINUTES_OF_A_DAY);
    let route = Route::of(hotel.shop.id());
    let write = move |tx: &mut Tx<'_>| older_booking(tx, &own, (&scope, &hotel), at);
    ctx.db.write::<_, Fault, _>(route, write).await.map_err(String::from)
}

async fn keep_no_cards(vault: &VaultClient, hotel: &MerchantKeys) -> Result<(), WireError> {
    let wire = WireScope::of_house(hotel.id, hotel.shop);
    let answer = vault.ask(&wire, &CardSettingsGet {}).await?;
    let mut settings = answer.settings;
    settings.accept_cards = false;
    vault.ask(&wire, &CardSettingsPut { settings, version: answer.version }).await.map(drop)
}

fn older_booking(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (scope, hotel): (&Scope, &MerchantKeys),
    at: Timestamp,
) -> Result<(), Fault> {
    let lodgings = lodging_store::of_shop(tx, scope, hotel.shop)?;
    let named = lodgings.into_iter().find(|lodging| lodging.names.get(Locale::Fr) == LODGING);
    let lodging = named.ok_or_else(|| fault("the catalogue has no such room"))?;
    let formulas = lodging_store::formulas(tx, scope, hotel.shop)?;
    let formula = formulas.into_iter().find(|formula| formula.lodging == lodging.id);
    let formula = formula.ok_or_else(|| fault("the room has no formula"))?;
    let zone = Zone::paris();
    let arrival = plus_days(zone.date(at), BOOKED_DAYS_AGO + ARRIVES_IN_DAYS);
    let guests = vec![Guests { bracket: "adult".into(), count: 2 }];
    let line = NewLine {
        lodging: lodging.id,
        formula: formula.id,
        dates: (arrival, plus_days(arrival, NIGHTS)),
        party: Party::new(guests).map_err(|_| fault("a party of two"))?,
    };
    let contact = ContactDraft {
        first_name: "Hélène".into(),
        last_name: "Garnier".into(),
        email: "helene.garnier@exemple.fr".into(),
        phone: "06 98 76 54 32".into(),
        ..ContactDraft::default()
    };
    let new = NewBooking {
        cart: NewCart {
            id: CartId::random(ctx.rng.as_ref()),
            token: ctx.new_token(),
            shop: hotel.shop,
            point_of_sale: hotel.counter,
            lines: vec![line],
        },
        contact: contact.check(Locale::Fr).map_err(|_| fault("the contact of the guest"))?,
        source: Source { provenance: Provenance::Local, reference: None },
    };
    let calendar = Calendar { today: zone.date(at), zone };
    let moment = Moment::new(at, ctx.rng.as_ref());
    match creating::create(tx, scope, &new, (&calendar, moment)).map_err(fault)? {
        Created::Booked(_) => Ok(()),
        Created::SoldOut(_) => Err(fault("the room of the scene is taken")),
    }
}

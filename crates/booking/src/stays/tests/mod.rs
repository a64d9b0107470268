//! Guests, programs and staff in front of real routes and a real database file.

use std::sync::Arc;

use axum::Router;
use db::Tx;
use identity::fixtures::House;
use identity::fixtures::pages::{Answer, As, get, post, post_json, request, send};
use identity::lots::Lots;
use kernel::{FormulaId, LodgingId, TariffId, Timestamp};
use payments::{Engine, Subject};
use serde_json::{Value, json};
use web::{ShopClock, Slice};

use crate::bookings::{BookingSubject, CartSubject};
use crate::lodging::Equipment;
use crate::lodging::model::{AgeBracket, Board, Capacity, Formula, Kind, Lodging, Texts};
use crate::lodging::ops::{self as lodging_ops, Overlap};
use crate::lodging::pricing::Policy;
use crate::lodging::tariffs::{Price, TariffPeriod, Weekdays};
use crate::testing::{at, day};

mod editing;
mod lots;
mod photos;
mod refusals;
mod staff;
mod typed;

const SLICE: Slice =
    Slice { name: "booking", migrations: crate::MIGRATIONS, messages: &[], menu: crate::MENU };
const LEDGER: Slice =
    Slice { name: "ledger", migrations: ledger::MIGRATIONS, messages: &[], menu: &[] };
const PAYMENTS: Slice =
    Slice { name: "payments", migrations: payments::MIGRATIONS, messages: &[], menu: &[] };
const WEEK: &str = "arrival=2026-12-05&departure=2026-12-07&g_adult=2";

struct Town {
    house: House,
    pages: Router,
    api: Router,
    room: (LodgingId, FormulaId),
    lots: Lots,
}

impl Town {
    async fn new(per_night: i64) -> Self {
        let house = House::new(&[&[LEDGER, PAYMENTS, SLICE], crate::SLICES, payments::SLICES])
            .await
            .unwrap();
        let ctx = house.ctx.clone();
        let vault = vault_wire::VaultClient::connect("/nowhere/vault.sock".into());
        let subjects: Vec<Arc<dyn Subject>> = vec![
            Arc::new(CartSubject { ctx: ctx.clone() }),
            Arc::new(BookingSubject { ctx: ctx.clone() }),
        ];
        let engine = Engine::new(ctx.clone(), vault, subjects);
        let lots = Lots::new(&ctx, crate::bookings::lots::deeds(&engine));
        let pages = Router::new()
            .merge(lots.routes())
            .merge(crate::public_routes(&ctx))
            .merge(crate::staff_routes(&engine))
            .merge(identity::pages::routes().with_state(ctx.clone()));
        let api =
            crate::api_routes().with_state(ctx.clone()).merge(crate::vault_api_routes(&engine));
        let room = lodging(&house, per_night).await;
        let town = Self { house, pages, api, room, lots };
        town.clock("2026-12-01T10:00:00Z");
        town
    }

    fn clock(&self, now: &str) {
        self.house.ctx.clocks.set(self.house.hotel.shop.id, ShopClock::Frozen(at(now)));
    }

    async fn see(&self, path: &str) -> Answer {
        get(&self.pages, As::Anyone, path).await.unwrap()
    }

    async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        post(&self.pages, As::Anyone, path, fields).await.unwrap()
    }

    async fn ask(&self, path: &str, body: &Value) -> Answer {
        post_json(&self.api, As::Key(&self.house.hotel.key), path, body).await.unwrap()
    }

    /// From the search to a basket; gives its address without the language.
    async fn basket(&self) -> String {
        self.basket_for(("2026-12-05", "2026-12-07")).await
    }

    async fn basket_for(&self, (arrival, departure): (&str, &str)) -> String {
        let (lodging, formula) = (self.room.0.to_string(), self.room.1.to_string());
        let fields = [
            ("lodging", lodging.as_str()),
            ("formula", &formula),
            ("arrival", arrival),
            ("departure", departure),
            ("g_adult", "2"),
            ("form_token", &self.house.ctx.new_token()),
        ];
        let answer = self.submit("/s/hotel-des-tuffeaux/panier?lang=fr", &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        answer.location().split('?').next().unwrap().to_owned()
    }

    async fn mails(&self) -> Vec<web::mail::Sent> {
        self.house.ctx.db.read(|tx| web::mail::latest(tx, 50)).await.unwrap()
    }

    /// Each night of the room comes to this from now on.
    async fn costs(&self, per_night: i64) {
        let (scope, (lodging, formula)) = (self.house.hotel.scope.clone(), self.room);
        let period = TariffPeriod {
            id: TariffId::random(self.house.ctx.rng.as_ref()),
            shop: self.house.hotel.shop.id,
            lodging,
            formula,
            first_day: day("2026-12-01"),
            last_day: day("2026-12-31"),
            lengths: vec![1],
            arrival_days: Weekdays::ALL,
            price: Price::PerStay(per_night),
            rank: 0,
        };
        let change = move |tx: &mut Tx<'_>| {
            let one = std::slice::from_ref(&period);
            lodging_ops::add_tariffs(tx, &scope, one, Overlap::Replace)
        };
        self.house.ctx.db.write(db::Route::any(), change).await.unwrap();
    }

    /// A second formula at the same price, sold without a deposit.
    async fn second_formula(&self) {
        let (scope, lodging) = (self.house.hotel.scope.clone(), self.room.0);
        let rng = self.house.ctx.rng.as_ref();
        let formula = Formula {
            id: FormulaId::random(rng),
            lodging,
            board: Board::Breakfast,
            names: Texts::fr_en("Petit déjeuner compris", "Breakfast included"),
            adjustments: Vec::new(),
            deposit_basis_points: 0,
            position: 2,
        };
        let period = TariffPeriod {
            id: TariffId::random(rng),
            shop: self.house.hotel.shop.id,
            lodging,
            formula: formula.id,
            first_day: day("2026-12-01"),
            last_day: day("2026-12-31"),
            lengths: vec![1],
            arrival_days: Weekdays::ALL,
            price: Price::PerStay(18_000),
            rank: 0,
        };
        let add = move |tx: &mut Tx<'_>| {
            lodging_ops::add_formula(tx, &scope, &formula)?;
            lodging_ops::add_tariffs(tx, &scope, std::slice::from_ref(&period), Overlap::Refuse)
        };
        self.house.ctx.db.write(db::Route::any(), add).await.unwrap();
    }

    async fn contact(&self, basket: &str, last_name: &str) -> Answer {
        let fields = [
            ("first_name", "Anne"),
            ("last_name", last_name),
            ("email", "anne@exemple.fr"),
            ("phone", "06 12 34 56 78"),
        ];
        self.submit(&format!("{basket}/contact?lang=fr"), &fields).await
    }
}

async fn lodging(house: &House, per_night: i64) -> (LodgingId, FormulaId) {
    let (scope, shop) = (house.hotel.scope.clone(), house.hotel.shop.id);
    let rng = house.ctx.rng.as_ref();
    let now = Timestamp::from_micros(0);
    let ids = (LodgingId::new(now, rng), FormulaId::new(now, rng));
    let tariff = TariffId::new(now, rng);
    let open = move |tx: &mut Tx<'_>| {
        let lodging = Lodging {
            id: ids.0,
            shop,
            kind: Kind::HotelRoom,
            names: Texts::fr_en("Suite", "Suite"),
            descriptions: Texts::fr_en("Terrasse sur la Loire.", "River terrace."),
            capacity: Capacity { max: 3, standard: 2, min: 1 },
            units: 1,
            check_in: "15:00".into(),
            check_out: "11:00".into(),
            equipment: Equipment::default(),
            conditions: Texts::default(),
            policy: Policy::OpenPro,
            tourist_tax: Texts::fr_en("Taxe de séjour sur place.", "Tourist tax on site."),
            registration_number: None,
            currency: kernel::Currency::EUR,
            version: 1,
        };
        let formula = Formula {
            id: ids.1,
            lodging: ids.0,
            board: Board::RoomOnly,
            names: Texts::fr_en("Chambre seule", "Room only"),
            adjustments: Vec::new(),
            deposit_basis_points: 3_000,
            position: 1,
        };
        let adults = AgeBracket {
            code: "adult".into(),
            names: Texts::fr_en("Adultes", "Adults"),
            from: 0,
            to: None,
        };
        let nights = (day("2026-12-01"), day("2026-12-31"));
        let period = TariffPeriod {
            id: tariff,
            shop,
            lodging: ids.0,
            formula: ids.1,
            first_day: nights.0,
            last_day: nights.1,
            lengths: vec![1],
            arrival_days: Weekdays::ALL,
            price: Price::PerStay(per_night),
            rank: 0,
        };
        lodging_ops::set_brackets(tx, &scope, &[adults])?;
        lodging_ops::create(tx, &scope, &lodging)?;
        lodging_ops::add_formula(tx, &scope, &formula)?;
        lodging_ops::open_nights(tx, &scope, &lodging, nights)?;
        lodging_ops::add_tariffs(tx, &scope, &[period], Overlap::Refuse)
    };
    house.ctx.db.write(db::Route::any(), open).await.unwrap();
    ids
}

fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ").replace("&#39;", "'")
}

#[tokio::test]
async fn l_62_a_guest_reads_why_in_both_languages() {
    let town = Town::new(16_800).await;
    let french = town.see(&format!("/s/hotel-des-tuffeaux?{WEEK}&lang=fr")).await;
    let text = plain(&french.text);
    for words in ["Suite", "336,00 €", "Pourquoi ce prix ?", "Acompte à la réservation : 100,80 €"]
    {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(text.contains("Somme des 2 tarifs à la nuit"));
    let english = town.see(&format!("/s/hotel-des-tuffeaux?{WEEK}&lang=en")).await;
    assert!(plain(&english.text).contains("€336.00"));
    assert!(!english.text.contains("[stay-") && !french.text.contains("[stay-"));
    assert!(!english.text.contains("style=") && !english.text.contains("onclick"));
}

#[tokio::test]
async fn l_50_a_lodging_is_one_card_with_its_formulas_as_rows() {
    let town = Town::new(16_800).await;
    town.second_formula().await;
    let page = plain(&town.see(&format!("/s/hotel-des-tuffeaux?{WEEK}&lang=fr")).await.text);
    let count = |words: &str| page.matches(words).count();
    assert_eq!(
        (count("<article class=\"offer\""), count("</form>\n<details class=\"why\">")),
        (1, 2)
    );
    assert_eq!((count("Terrasse sur la Loire."), count("Taxe de séjour sur place.")), (1, 1));
    assert!(page.contains("336,00 €") && page.contains("360,00 €"), "{page}");
    assert!(page.contains("Un hébergement libre") || page.contains("1 hébergement libre"));
}

#[tokio::test]
async fn u_101_who_sells_nothing_online_yet_says_so_and_a_lodging_has_its_own_page() {
    let town = Town::new(16_800).await;
    let museum = plain(&town.see("/s/musee-de-la-batellerie?lang=fr").await.text);
    assert!(museum.contains("Rien ne se réserve encore en ligne ici"), "{museum}");
    assert!(!museum.contains("name=\"arrival\"") && museum.contains("<h1>Musée"), "{museum}");
    let lodging = town.room.0;
    let own =
        plain(&town.see(&format!("/s/hotel-des-tuffeaux?lang=fr&lodging={lodging}")).await.text);
    assert!(own.contains("<h1>Suite</h1>") && own.contains("Voir tous nos hébergements"), "{own}");
    let field = format!("name=\"lodging\" value=\"{lodging}\"");
    assert!(own.contains(&field), "the search stays with the lodging: {own}");
    let other = plain(&town.see("/s/hotel-des-tuffeaux?lang=fr").await.text);
    assert!(other.contains("<h1>Réservez votre séjour</h1>") && !other.contains("Voir tous"));
}

#[tokio::test]
async fn u_24_wrong_dates_are_named_beside_their_field() {
    let town = Town::new(16_800).await;
    let wrong = "/s/hotel-des-tuffeaux?arrival=2026-12-07&departure=2026-12-05&g_adult=2&lang=fr";
    let answer = town.see(wrong).await;
    let text = plain(&answer.text);
    assert!(text.contains("<title>Erreur :"), "{text}");
    assert!(text.contains("La date de départ doit suivre la date d'arrivée"));
    let past = town.see("/s/hotel-des-tuffeaux?arrival=2026-11-01&departure=2026-11-05&lang=fr");
    assert!(plain(&past.await.text).contains("La date d'arrivée est passée"));
    assert_eq!(town.see("/s/nowhere").await.status, 404);
}

#[tokio::test]
async fn l_21_the_basket_leads_to_one_payment_of_the_deposit() {
    let town = Town::new(16_800).await;
    let basket = town.basket().await;
    let saved = town.contact(&basket, "Exemple").await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let page = plain(&town.see(&format!("{basket}?lang=fr")).await.text);
    assert!(page.contains("Réservé pour vous jusqu'à 12:00"), "{page}");
    assert!(page.contains(">Procéder au paiement<") && page.contains("100,80 €"), "{page}");
    let fields = [("typology", "deposit_balance")];
    let first = town.submit(&format!("{basket}/payer?lang=fr"), &fields).await;
    assert!(first.location().starts_with("/p/"), "{} {}", first.status, first.text);
    let second = town.submit(&format!("{basket}/payer?lang=fr"), &fields).await;
    assert_eq!(first.location(), second.location());
}

#[tokio::test]
async fn l_23_what_is_held_is_absent_and_a_direct_link_says_until_when() {
    let town = Town::new(16_800).await;
    let basket = town.basket().await;
    town.contact(&basket, "Exemple").await;
    let search = plain(&town.see(&format!("/s/hotel-des-tuffeaux?{WEEK}&lang=fr")).await.text);
    assert!(!search.contains("336,00 €") && search.contains("Aucun hébergement"), "{search}");
    let direct = format!("/s/hotel-des-tuffeaux?{WEEK}&lang=fr&lodging={}", town.room.0);
    let told = plain(&town.see(&direct).await.text);
    assert!(told.contains("Cette chambre est retenue jusqu'à 12:00"), "{told}");
    town.clock("2026-12-01T11:00:00Z");
    let other = town.basket().await;
    assert_eq!(town.contact(&other, "Diallo").await.status, 303);
    let lost = plain(&town.submit(&format!("{basket}/payer?lang=fr"), &[]).await.text);
    assert!(lost.contains("Rien n'a été débité"), "{lost}");
}

#[tokio::test]
async fn v_05_a_card_number_in_the_name_is_refused_and_forgotten() {
    let town = Town::new(16_800).await;
    let basket = town.basket().await;
    let answer = town.contact(&basket, "5207 0000 0000 0000").await;
    assert_eq!(answer.status, 422);
    let text = plain(&answer.text);
    assert!(text.contains("Ne saisissez pas de numéro de carte dans ce champ"));
    assert!(!text.contains("5207") && text.contains("anne@exemple.fr"));
}

#[tokio::test]
async fn l_29_nothing_to_pay_is_booked_with_a_printable_page_and_calendar_file() {
    let town = Town::new(0).await;
    let basket = town.basket().await;
    town.contact(&basket, "Exemple").await;
    let page = town.see(&format!("{basket}?lang=fr")).await;
    assert!(page.text.contains(">Confirmer<"), "{}", page.text);
    assert!(page.text.contains("En confirmant, vous concluez"), "{}", page.text);
    let done = town.submit(&format!("{basket}/payer?lang=fr"), &[]).await;
    assert!(done.location().starts_with(&basket), "{}", done.text);
    let booked = town.see(&format!("{basket}?lang=fr")).await;
    assert!(booked.text.contains("DOS-2026-000001"));
    town.submit(&format!("{basket}/payer?lang=fr"), &[]).await;
    let sent = town.mails().await;
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(sent[0].subject, "Votre réservation DOS-2026-000001 est confirmée");
    assert!(sent[0].text.contains("Il n'y a rien à payer."), "{sent:?}");
    let link = sent[0].link.clone().unwrap();
    assert!(link.ends_with(&format!("{basket}?lang=fr")), "{link}");
    let file = town.see(&format!("{basket}/sejour.ics?lang=fr")).await;
    assert!(file.header("content-type").starts_with("text/calendar"));
    assert!(file.text.contains("DTSTART;VALUE=DATE:20261205"));
}

#[tokio::test]
async fn the_api_sells_a_stay_as_the_page_does() {
    let town = Town::new(16_800).await;
    let guests = json!([{"bracket": "adult", "count": 2}]);
    let stay = json!({"arrival": "2026-12-05", "departure": "2026-12-07", "guests": guests});
    let found = town.ask("/v1/stays/search", &stay).await.json();
    assert_eq!(found["data"][0]["total"], json!({"amount": 33_600, "currency": "EUR"}));
    assert_eq!(found["data"][0]["step"], 2);
    assert_eq!(found["data"][0]["segments"][1]["arrival"], "2026-12-06");
    let line = json!({
        "kind": "stay", "lodging": town.room.0, "formula": town.room.1,
        "arrival": "2026-12-05", "departure": "2026-12-07", "guests": guests,
    });
    let cart = json!({"point_of_sale": town.house.hotel.point, "lines": [line]});
    let cart = town.ask("/v1/carts", &cart).await;
    assert_eq!(cart.status, 201, "{}", cart.text);
    assert_eq!(cart.json()["hold"], Value::Null);
    let id = cart.json()["id"].as_str().unwrap().to_owned();
    let contact = json!({
        "last_name": "Weber", "first_name": "Anna", "email": "anna@example.org",
        "phone": "+49301234567", "language": "de",
    });
    let key = As::Key(&town.house.hotel.key);
    let put = request(key, "PUT", &format!("/v1/carts/{id}/contact"))
        .body(contact.to_string().into())
        .unwrap();
    let saved = send(&town.api, put).await.unwrap();
    assert_eq!(saved.json()["hold"]["expires_at"], "2026-12-01T11:00:00Z", "{}", saved.text);
    let pay = format!("/v1/carts/{id}/pay");
    let without = town.ask(&pay, &json!({})).await;
    let refused = (without.status.as_u16(), without.json()["code"].clone());
    assert_eq!(refused, (400, json!("idempotency_key_required")), "p_151: it can move money");
    let ask = async || {
        let asked = request(key, "POST", &pay).header("idempotency-key", "pay-1");
        send(&town.api, asked.body(json!({}).to_string().into()).unwrap()).await.unwrap()
    };
    let paying = ask().await;
    assert_eq!(paying.status, 200, "{}", paying.text);
    assert_eq!(paying.header("idempotent-replayed"), "");
    let again = ask().await;
    assert_eq!((&again.text, again.header("idempotent-replayed")), (&paying.text, "true"));
    assert!(paying.json()["url"].as_str().unwrap().starts_with("http://127.0.0.1:7700/p/"));
}

#[tokio::test]
async fn l_15_a_key_gives_the_same_hold_and_refuses_another_body() {
    let town = Town::new(16_800).await;
    let hold =
        |slot: &str| json!({"lines": [{"resource": town.room.0, "slot": slot, "quantity": 1}]});
    let ask = async |slot: &str| {
        let place = request(As::Key(&town.house.hotel.key), "POST", "/v1/holds")
            .header("idempotency-key", "k1")
            .body(hold(slot).to_string().into())
            .unwrap();
        send(&town.api, place).await.unwrap()
    };
    let first = ask("2026-12-05").await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(ask("2026-12-05").await.text, first.text);
    let other = ask("2026-12-06").await;
    assert_eq!(
        (other.status.as_u16(), other.json()["code"].as_str()),
        (422, Some("idempotency_mismatch"))
    );
    let taken = town.ask("/v1/holds", &hold("2026-12-05")).await;
    assert_eq!(
        (taken.status.as_u16(), taken.json()["code"].as_str()),
        (409, Some("held_by_other"))
    );
    assert_eq!(taken.json()["blocked_until"], "2026-12-01T11:00:00Z");
}

#[tokio::test]
async fn wrong_requests_name_their_fields_and_foreign_things_do_not_exist() {
    let town = Town::new(16_800).await;
    let stay = json!({
        "arrival": "2026-12-07", "departure": "2026-12-05", "guest": [],
        "guests": [{"bracket": "dog", "count": 2}],
    });
    let told = town.ask("/v1/stays/search", &stay).await;
    assert_eq!(told.status, 422);
    assert_eq!(told.json()["errors"][0]["path"], "$.guest");
    let stay = json!({
        "arrival": "2026-12-05", "departure": "2026-12-07",
        "guests": [{"bracket": "dog", "count": 2}],
    });
    let told = town.ask("/v1/stays/search", &stay).await;
    assert_eq!(told.json()["errors"][0]["path"], "$.guests[0].bracket");
    let museum = As::Key(&town.house.museum.key);
    let hold = json!({"lines": [{"resource": town.room.0, "slot": "2026-12-05"}]});
    assert_eq!(post_json(&town.api, museum, "/v1/holds", &hold).await.unwrap().status, 404);
    assert_eq!(get(&town.api, As::Anyone, "/v1/lodgings").await.unwrap().status, 401);
}

#[test]
fn u_60_every_word_exists_in_every_language_of_its_readers() {
    assert_eq!(crate::testing::catalogue().missing(), []);
}

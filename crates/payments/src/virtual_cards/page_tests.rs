//! The lists, the question before a charge and the sums, as a person sees them.

use db::{Route, Tx};
use kernel::time::plus_days;
use kernel::{CardToken, Currency, Money, Zone};

use super::model::{Facts, Source, VirtualCard};
use super::{ops, store};
use crate::checkout::tests::house::Desk;
use crate::payment::{OpState, store as payments};

/// A virtual card of the hotel that opens so many days from today.
async fn given(desk: &Desk, booking: &str, (opens, balance): (i64, Option<i64>)) -> VirtualCard {
    let (ctx, hotel) = (&desk.shop.house.ctx, &desk.shop.house.hotel);
    let now = desk.shop.now();
    let card = VirtualCard {
        card: CardToken::new(now, ctx.rng.as_ref()),
        shop: hotel.shop.id,
        masked: "******4242".into(),
        channel: "Example OTA".into(),
        booking: booking.into(),
        facts: Facts {
            active_from: Some(plus_days(Zone::paris().date(now), opens)),
            balance,
            currency: balance.map(|_| Currency::EUR),
            balance_at: balance.map(|_| now),
            ..Facts::default()
        },
        source: Source::Channel,
        version: 1,
        received_at: now,
    };
    let (scope, stored) = (hotel.scope.clone(), card.clone());
    let write = move |tx: &mut Tx<'_>| store::insert(tx, &scope, &stored, now);
    ctx.db.write::<_, db::DbError, _>(Route::any(), write).await.unwrap();
    card
}

async fn page(desk: &Desk, path: &str) -> String {
    desk.get(path).await.text
}

#[tokio::test]
async fn v_53_the_board_counts_and_adds_up_each_list_and_its_file_has_the_same_rows() {
    let desk = Desk::open().await;
    given(&desk, "HOP-1", (0, Some(15_000))).await;
    given(&desk, "HOP-2", (3, Some(9_050))).await;
    given(&desk, "HOP-3", (-2, None)).await;
    let all = page(&desk, "/cartes/virtuelles").await;
    for said in ["HOP-1", "HOP-2", "HOP-3", "150,00\u{a0}€", "90,50\u{a0}€", "solde inconnu"] {
        assert!(all.contains(said), "{said}: {all}");
    }
    assert!(all.contains("Encaisser 150,00\u{a0}€"), "one press");
    assert!(all.contains("dans 3 jours"), "counts down");
    let soon = page(&desk, "/cartes/virtuelles?tab=soon").await;
    assert!(soon.contains("HOP-2") && !soon.contains("HOP-1"), "{soon}");
    assert!(soon.contains("disabled aria-describedby"), "not active yet: {soon}");
    let file = page(&desk, "/cartes/virtuelles/export?format=csv-virgule&tab=late").await;
    assert!(file.contains("HOP-3") && !file.contains("HOP-1"), "{file}");
}

#[tokio::test]
async fn v_49_a_charge_with_an_unknown_balance_is_asked_first_and_a_change_keeps_what_was_told() {
    let desk = Desk::open().await;
    let card = given(&desk, "HOP-3", (-2, None)).await;
    let path = format!("/cartes/{}/encaisser", card.card);
    let list = page(&desk, "/cartes/virtuelles").await;
    assert!(list.contains(&format!("<a class=\"button small\" href=\"{path}\"")), "{list}");
    let asked = page(&desk, &path).await;
    assert!(asked.contains("vérifiez le montant"), "{asked}");
    let answer = desk.post(&path, &[("form_token", "x"), ("amount", "")]).await;
    assert_eq!(answer.status, 422);

    let (engine, scope) = (desk.shop.engine.clone(), desk.shop.house.hotel.scope.clone());
    let told = move |tx: &mut Tx<'_>| {
        let pen = engine.pen(&scope, card.shop);
        let facts = Facts {
            balance: Some(16_800),
            currency: Some(Currency::EUR),
            balance_at: Some(pen.now),
            ..card.facts.clone()
        };
        let after = VirtualCard { facts, source: Source::Staff, version: 2, ..card.clone() };
        let origin = identity::audit::Origin::default();
        assert!(ops::change(tx, &pen, &after, &origin)?);
        assert!(!ops::change(tx, &pen, &after, &origin)?, "the same version comes second");
        store::changes(tx, &scope, card.card)
    };
    let changes = desk.shop.house.ctx.db.write::<_, db::DbError, _>(Route::any(), told).await;
    let balances: Vec<_> = changes.unwrap().iter().map(|c| (c.source, c.facts.balance)).collect();
    assert_eq!(balances, [(Source::Staff, Some(16_800)), (Source::Channel, None)]);
}

#[tokio::test]
async fn v_50_what_is_on_its_way_to_the_bank_is_spent() {
    let desk = Desk::open().await;
    let card = given(&desk, "HOP-1", (0, Some(15_000))).await;
    let paid = desk.shop.tried("A", 5_000, OpState::Success).await;
    let asked = desk.shop.tried("B", 4_000, OpState::Unknown).await;
    for payment in [&paid, &asked] {
        let token = card.card;
        desk.shop.change(payment, move |p| p.card.as_mut().unwrap().id = token).await;
    }
    let (engine, scope) = (desk.shop.engine.clone(), desk.shop.house.hotel.scope.clone());
    let look = move |tx: &mut Tx<'_>| {
        assert!(payments::find(tx, &scope, asked.id)?.unwrap().unknown().is_some());
        ops::look(tx, &engine.pen(&scope, card.shop), card.card)
    };
    let seen = desk.shop.house.ctx.db.read::<_, db::DbError, _>(look).await.unwrap().unwrap();
    assert_eq!(seen.card.left(&seen.used), Some(Money::eur(6_000)));
    assert_eq!(seen.used.captured, 5_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn u_21_cards_charged_together_are_shown_first_and_each_has_its_result() {
    let desk = Desk::open().await;
    let known = given(&desk, "HOP-1", (0, Some(15_000))).await;
    let unknown = given(&desk, "HOP-3", (-2, None)).await;
    let path = "/cartes/virtuelles/encaisser";
    let asked = page(&desk, &format!("{path}?id={}&id={}", known.card, unknown.card)).await;
    let (going, left_out) = asked.split_once("id=\"left-out\"").unwrap();
    assert!(going.contains("HOP-1") && going.contains("******4242"), "{asked}");
    assert!(left_out.contains("HOP-3") && left_out.contains("S&#39;encaisse seule"), "{asked}");
    assert!(asked.contains("Encaisser 1 carte<"), "{asked}");
    let fields = hidden(&asked);
    let run = desk.post(path, &fields).await;
    assert!(run.location().starts_with("/traitements/"), "{}", run.text);
    assert_eq!(desk.post(path, &fields).await.location(), run.location());
    let runner = identity::runs::runner::Runner::new(desk.shop.house.ctx.clone(), Vec::new());
    runner.with_errands(vec![desk.shop.lots().errand()]).run_waiting().await;
    // Nobody started a vault: nothing was sent, and the line says so.
    let result = page(&desk, &run.location().replace("/traitements/", "/lots/")).await;
    assert!(result.contains("Le coffre n&#39;a pas répondu."), "{result}");
}

/// The hidden fields of the form that a page ends with.
fn hidden(page: &str) -> Vec<(&str, &str)> {
    let form = page.rsplit("<form method=\"post\"").next().unwrap();
    let inputs = form.split("<input type=\"hidden\" name=\"").skip(1).map(|rest| {
        let (name, rest) = rest.split_once("\" value=\"").unwrap();
        (name, rest.split('"').next().unwrap())
    });
    inputs.collect()
}

/// The job of a shop's day, run as the worker does.
async fn begin_day(desk: &Desk) {
    run(desk, crate::jobs::VIRTUAL_DAY).await;
}

/// A job of the shop, run as the worker does.
async fn run(desk: &Desk, kind: &str) {
    let (house, now) = (&desk.shop.house, desk.shop.now());
    let scope = identity::scope::for_house(house.hotel.scope.merchant(), house.hotel.scope.mode());
    let job = db::jobs::Job {
        id: kernel::JobId::new(now, house.ctx.rng.as_ref()),
        merchant: scope.merchant(),
        mode: scope.mode(),
        shop: house.hotel.shop.id,
        kind: kind.into(),
        run_at: now,
        payload: serde_json::Value::Null,
        attempts: 0,
    };
    desk.shop.engine.run_job(&job).await.unwrap();
}

#[tokio::test]
async fn v_51_what_is_about_to_be_lost_becomes_a_task_thirty_and_seven_days_before() {
    let desk = Desk::open().await;
    let card = given(&desk, "HOP-1", (-2, Some(15_000))).await;
    let (ctx, scope) = (desk.shop.house.ctx.clone(), desk.shop.house.hotel.scope.clone());
    let today = Zone::paris().date(desk.shop.now());
    let mut before = card.clone();
    for (days, raised) in [(31, 0), (30, 1), (8, 0), (7, 1), (6, 0)] {
        let last = plus_days(today, days);
        let facts = Facts { charge_before: Some(last), ..before.facts.clone() };
        let next = VirtualCard { facts, version: before.version + 1, ..before.clone() };
        let (own, stored, now) = (scope.clone(), next.clone(), desk.shop.now());
        let write = move |tx: &mut Tx<'_>| store::update(tx, &own, &stored, now);
        assert!(ctx.db.write::<_, db::DbError, _>(Route::any(), write).await.unwrap());
        before = next;
        begin_day(&desk).await;
        begin_day(&desk).await;
        let own = scope.clone();
        let end = move |tx: &mut Tx<'_>| {
            let open = web::tasks::open(tx, &own, 10)?;
            for task in &open {
                web::tasks::end(tx, &own, task.id, now)?;
            }
            Ok(open)
        };
        let tasks = ctx.db.write::<_, db::DbError, _>(Route::any(), end).await.unwrap();
        assert_eq!(tasks.len(), raised, "{days} days: {tasks:?}");
    }
}

#[tokio::test]
async fn v_52_nothing_is_charged_by_itself_until_the_property_says_so() {
    let desk = Desk::open().await;
    let page = page(&desk, "/cartes/virtuelles/reglages").await;
    assert!(!page.contains("checked"), "{page}");
    let fields = [("version", "0"), ("auto", "1"), ("mcc", "70")];
    assert_eq!(desk.post("/cartes/virtuelles/reglages", &fields).await.status, 422);
    let fields = [("version", "0"), ("auto", "1"), ("mcc", "7011")];
    assert_eq!(desk.post("/cartes/virtuelles/reglages", &fields).await.status, 303);
    assert_eq!(desk.post("/cartes/virtuelles/reglages", &fields).await.status, 422, "stale");
    let again = self::page(&desk, "/cartes/virtuelles/reglages").await;
    assert!(again.contains("checked") && again.contains("7011"), "{again}");
}

#[tokio::test]
async fn v_53_the_board_is_mailed_once_a_week_and_a_week_without_anything_has_no_mail() {
    let desk = Desk::open().await;
    let ctx = desk.shop.house.ctx.clone();
    let sent = async || {
        let read = |tx: &mut Tx<'_>| web::mail::latest(tx, 50);
        let all = ctx.db.read::<_, db::DbError, _>(read).await.unwrap();
        all.into_iter().filter(|mail| mail.subject.contains("virtuelles")).collect::<Vec<_>>()
    };
    run(&desk, crate::jobs::VIRTUAL_DIGEST).await;
    assert_eq!(sent().await.len(), 0, "nothing to tell");
    given(&desk, "HOP-1", (0, Some(15_000))).await;
    given(&desk, "HOP-2", (3, Some(9_050))).await;
    run(&desk, crate::jobs::VIRTUAL_DIGEST).await;
    let first = sent().await;
    assert!(!first.is_empty());
    let text = &first[0].text;
    assert!(text.contains("À encaisser aujourd'hui\u{a0}: 1 · 150,00\u{a0}€"), "{text}");
    assert!(text.contains("Bientôt (7 j)\u{a0}: 1 · 90,50\u{a0}€"), "{text}");
    assert!(first[0].link.as_deref().unwrap().ends_with("/cartes/virtuelles"));
    run(&desk, crate::jobs::VIRTUAL_DIGEST).await;
    assert_eq!(sent().await.len(), first.len(), "a week is told once");
}

//! One action on several bookings: shown, confirmed once, each line once.

use identity::fixtures::pages::{As, get, post, sign_in};
use identity::runs::runner::Runner;
use identity::runs::{Turn, store as runs};
use kernel::BookingId;

use super::{Town, plain};
use crate::bookings::BookingState;

/// Claire at her list, with bookings that cost nothing.
struct Front {
    town: Town,
    cookie: String,
    bookings: Vec<String>,
}

impl Front {
    /// Stays of two nights from these days of December on.
    async fn open(days: &[u32]) -> Self {
        let town = Town::new(0).await;
        for day in days {
            let nights = (format!("2026-12-{day:02}"), format!("2026-12-{:02}", day + 2));
            let basket = town.basket_for((&nights.0, &nights.1)).await;
            town.contact(&basket, &format!("Exemple {day}")).await;
            town.submit(&format!("{basket}/payer?lang=fr"), &[]).await;
        }
        let cookie = sign_in(&town.house, &town.pages, &town.house.claire).await.unwrap();
        let mut front = Self { town, cookie, bookings: Vec::new() };
        let list = front.see("/reservations").await;
        let row = |day: &u32| {
            let mut rows = list.split("data-row=\"").skip(1);
            let row = rows.find(|row| row.contains(&format!("Exemple {day}<"))).unwrap();
            row.split('"').next().unwrap().to_owned()
        };
        front.bookings = days.iter().map(row).collect();
        front
    }

    async fn see(&self, path: &str) -> String {
        let page = get(&self.town.pages, As::Browser(&self.cookie), path).await.unwrap();
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        for broken in ["[lot", "[booking", "[run", "[list"] {
            assert!(!page.text.contains(broken), "{broken}: {}", page.text);
        }
        page.text
    }

    fn query(&self, places: &[usize]) -> String {
        let ids = places.iter().map(|place| format!("id={}", self.bookings[*place]));
        ids.collect::<Vec<_>>().join("&")
    }

    /// Confirms what a page before a lot shows; gives the page of the run.
    async fn confirm(&self, path: &str, places: &[usize]) -> String {
        let page = self.see(&format!("{path}?{}", self.query(places))).await;
        let form = page.split("<form method=\"post\"").nth(1).unwrap();
        let inputs = form.split("<input type=\"hidden\" name=\"").skip(1).map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            (name, rest.split('"').next().unwrap())
        });
        let fields: Vec<_> = inputs.chain([("reason", "Inondation")]).collect();
        let claire = As::Browser(&self.cookie);
        let asked = post(&self.town.pages, claire, path, &fields).await.unwrap();
        assert!(asked.location().starts_with("/traitements/"), "{}", asked.text);
        let again = post(&self.town.pages, claire, path, &fields).await.unwrap();
        assert_eq!(again.location(), asked.location(), "a second press leads where the first did");
        asked.location().to_owned()
    }

    async fn work(&self) {
        let runner = Runner::new(self.town.house.ctx.clone(), Vec::new());
        runner.with_errands(vec![self.town.lots.errand()]).run_waiting().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn u_21_bookings_are_called_off_together_as_one_by_one() {
    let front = Front::open(&[5, 10]).await;
    let list = front.see("/reservations").await;
    let boxed = format!("name=\"id\" value=\"{}\" form=\"lot\"", front.bookings[0]);
    assert!(list.contains(&boxed), "{list}");
    for place in ["encaisser", "annuler", "absence"] {
        assert!(list.contains(&format!("formaction=\"/reservations/lots/{place}\"")), "{place}");
    }
    let run = front.confirm("/reservations/lots/annuler", &[0, 1]).await;
    front.work().await;
    assert!(front.see(&run).await.contains("2 lignes sur 2"));
    let page = front.see(&run.replace("/traitements/", "/lots/")).await;
    assert!(page.contains("<dt>Fait</dt><dd>2</dd>"), "{page}");
    for booking in &front.bookings {
        let path = format!("/reservations/{booking}");
        assert!(front.see(&path).await.contains("Annulée"));
        assert!(front.see(&format!("{path}?onglet=journal")).await.contains("Inondation"));
    }
    // The nights are on sale again.
    front.town.basket_for(("2026-12-05", "2026-12-07")).await;
    let query = front.query(&[0, 1]);
    let page = plain(&front.see(&format!("/reservations/lots/annuler?{query}")).await);
    assert!(page.contains("Son état ne le permet pas."), "{page}");
    assert!(!page.contains("<form method=\"post\" action=\"/reservations/lots"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn u_21_the_page_says_which_bookings_are_left_out_and_why_in_both_languages() {
    let front = Front::open(&[5, 20]).await;
    front.town.clock("2026-12-06T20:00:00Z");
    let both = front.query(&[0, 1]);
    let past = plain(&front.see(&format!("/reservations/lots/annuler?{both}&lang=fr")).await);
    let (going, left_out) = past.split_once("id=\"left-out\"").unwrap();
    assert!(going.contains("Exemple 20") && going.contains("du 20/12/2026 au 22/12/2026"));
    assert!(left_out.contains("Exemple 5") && left_out.contains("Le séjour a commencé"), "{past}");
    let future = plain(&front.see(&format!("/reservations/lots/absence?{both}&lang=en")).await);
    let (going, left_out) = future.split_once("id=\"left-out\"").unwrap();
    assert!(going.contains("Exemple 5") && left_out.contains("The stay has not begun."));
    let free = plain(&front.see(&format!("/reservations/lots/encaisser?{both}&lang=fr")).await);
    assert!(free.contains("Il ne reste rien à encaisser."), "{free}");
    let run = front.confirm("/reservations/lots/absence", &[0]).await;
    front.work().await;
    assert!(front.see(&run).await.contains("1 ligne sur 1"));
    let page = front.see(&format!("/reservations/{}", front.bookings[0])).await;
    assert!(page.contains("Non venu"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn u_06_nothing_more_is_done_for_who_lost_his_account_meanwhile() {
    let front = Front::open(&[5, 10]).await;
    let run = front.confirm("/reservations/lots/annuler", &[0, 1]).await;
    let house = &front.town.house;
    let (scope, claire, now) = (house.hotel.scope.clone(), house.claire.id, house.ctx.real_now());
    let end = move |tx: &mut db::Tx<'_>| identity::users::ops::disable(tx, &scope, claire, now);
    house.ctx.db.write(db::Route::any(), end).await.unwrap();
    front.work().await;
    let id: kernel::JobId = run.rsplit('/').next().unwrap().parse().unwrap();
    let scope = house.hotel.scope.clone();
    let bookings: Vec<BookingId> =
        front.bookings.iter().map(|booking| booking.parse().unwrap()).collect();
    let read = move |tx: &mut db::Tx<'_>| -> Result<_, db::DbError> {
        let run = runs::own(tx, &scope, (id, claire))?.unwrap();
        let mut states = Vec::new();
        for booking in &bookings {
            states.push(crate::bookings::store::find(tx, &scope, *booking)?.unwrap().state);
        }
        Ok((run.state, run.done, states))
    };
    let (state, done, states) = house.ctx.db.read(read).await.unwrap();
    assert_eq!((state, done), (identity::runs::State::Done, 2));
    assert_eq!(states, [BookingState::Confirmed; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn u_33_a_crash_between_bookings_neither_skips_nor_repeats_one() {
    let front = Front::open(&[5, 10, 15]).await;
    let run = front.confirm("/reservations/lots/annuler", &[0, 1, 2]).await;
    // The second changed since the page was shown; a process did one and died.
    let claire = As::Browser(&front.cookie);
    let alone = format!("/reservations/{}/annuler", front.bookings[1]);
    let done = post(&front.town.pages, claire, &alone, &[("form_token", "x")]).await.unwrap();
    assert_eq!(done.status, 303);
    let ctx = &front.town.house.ctx;
    let (now, late) = (ctx.real_now(), ctx.real_now().plus_seconds(60));
    let claim = move |tx: &mut db::Tx<'_>| runs::claim(tx, now, late);
    let claimed = ctx.db.write(db::Route::any(), claim).await.unwrap().unwrap();
    let errand = front.town.lots.errand();
    assert_eq!(errand.next(claimed).await.unwrap(), Turn::More);
    front.work().await;
    assert!(front.see(&run).await.contains("1 ligne sur 3"), "under its lease");
    front.town.house.clock.go_on(61);
    front.work().await;
    let page = front.see(&run.replace("/traitements/", "/lots/")).await;
    for said in ["<dt>Fait</dt><dd>2</dd>", "<dt>Laissé de côté</dt><dd>1</dd>", "a changé"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    for booking in &front.bookings {
        let journal = front.see(&format!("/reservations/{booking}?onglet=journal")).await;
        assert_eq!(journal.matches("Réservation annulée").count(), 1, "{journal}");
    }
}

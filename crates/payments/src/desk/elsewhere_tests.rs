//! What an account cannot do at the cash desk, and refunds that are made elsewhere.

use connectors::Settings;
use connectors::sandbox::terms::{CAPTURE, MINIMUM, REFUND, VOID};
use db::{Route, Tx};
use identity::fixtures::pages::{As, get};

use super::tests::{Desk, hidden, sound};
use crate::account::store::{self, Stored};
use crate::payment::{OpState, Status};

impl Desk {
    /// The account of the hotel declares this from now on.
    async fn declares(&self, terms: &[(&str, &str)]) {
        let hotel = &self.shop.house.hotel;
        let (scope, shop, now) = (hotel.scope.clone(), hotel.shop.id, self.shop.now());
        let settings = Settings::new(terms.iter().copied());
        let write = move |tx: &mut Tx<'_>| {
            let version = store::of_shop(tx, &scope, shop)?.version;
            store::save(tx, &scope, shop, (&Stored { settings: settings.clone(), version }, now))
        };
        assert!(self.shop.house.ctx.db.write(Route::any(), write).await.unwrap());
    }

    async fn books_are_right(&self) {
        let scope = self.shop.house.hotel.scope.clone();
        let merchant = scope.merchant();
        let verify = move |tx: &mut Tx<'_>| crate::books::verify(tx, &[merchant], 1);
        let report = self.shop.house.ctx.db.read(verify).await.unwrap();
        assert!(report.ok, "{report:?}");
    }
}

#[tokio::test]
async fn c_10_without_refunds_the_desk_offers_to_record_one_made_elsewhere() {
    let desk = Desk::open().await;
    let paid = desk.shop.tried("DOS-1/1", 10_080, OpState::Success).await;
    let sheet = format!("/caisse/{}", paid.id);
    let page = desk.get(&sheet).await.text;
    assert!(page.contains("/rembourser\"") && !page.contains("fait ailleurs"), "{page}");
    desk.declares(&[(REFUND, "none"), (CAPTURE, "now")]).await;
    let page = desk.get(&sheet).await;
    sound(&page);
    assert!(page.text.contains("Enregistrer un remboursement fait ailleurs"), "{}", page.text);
    assert!(!page.text.contains("/rembourser\"") && !page.text.contains("Encaisser<"));
    assert_eq!(desk.get(&format!("{sheet}/rembourser")).await.location(), sheet);
    assert_eq!(desk.post(&format!("{sheet}/rembourser"), &[]).await.location(), sheet);
}

#[tokio::test]
async fn v_98_a_refund_made_elsewhere_is_recorded_once_and_lowers_what_is_left() {
    let desk = Desk::open().await;
    desk.declares(&[(REFUND, "none")]).await;
    let paid = desk.shop.tried("DOS-1/1", 10_080, OpState::Success).await;
    let sheet = format!("/caisse/{}", paid.id);
    let path = format!("{sheet}/enregistrer");
    let today = kernel::Zone::paris().date(desk.shop.now()).to_string();
    let form = desk.get(&path).await;
    sound(&form);
    assert!(form.text.contains(&format!("value=\"{today}\"")), "{}", form.text);
    let send = async |amount: &str, reference: &str, on: &str| {
        let form = desk.get(&path).await.text;
        let token = hidden(&form, "form_token");
        let expected = hidden(&form, "expected_refundable");
        let fields = [
            ("form_token", token.as_str()),
            ("expected_refundable", expected.as_str()),
            ("amount", amount),
            ("means", "terminal"),
            ("reference", reference),
            ("on", on),
        ];
        desk.post(&path, &fields).await
    };
    for (reference, on) in [("", today.as_str()), ("T-9", "2040-01-01"), ("T-9", "hier")] {
        assert_eq!(send("20,00", reference, on).await.status, 422, "{reference} {on}");
    }
    assert_eq!(send("20,00", "T-9", &today).await.location(), sheet);
    let after = desk.now(&paid).await;
    assert_eq!((after.counters.refunded, after.counters.refundable()), (2_000, 8_080));
    assert_eq!(after.status, Status::PartiallyRefunded);
    let page = desk.get(&sheet).await;
    sound(&page);
    for told in [
        "enregistré hors Guichet",
        "Terminal de paiement, référence T-9",
        "Claire",
        "Remboursement hors Guichet",
        "Caisse et banque de l&#39;établissement",
    ] {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    let again = send("10,00", "T-9", &today).await;
    assert_eq!(again.status, 422);
    assert!(again.text.contains("déjà enregistrée"), "{}", again.text);
    assert_eq!(send("80,80", "T-ten", &today).await.location(), sheet);
    assert_eq!(desk.now(&paid).await.status, Status::Refunded);
    desk.books_are_right().await;
}

#[tokio::test]
async fn p_112_without_voids_a_cancellation_is_ours_alone_and_says_until_when() {
    let desk = Desk::open().await;
    desk.declares(&[(VOID, "none")]).await;
    let held = desk.shop.authorised("DOS-1/1", 10_080).await;
    let form = desk.get(&format!("/caisse/{}/annuler", held.id)).await;
    sound(&form);
    let said = "La banque n&#39;est pas prévenue";
    assert!(form.text.contains(said), "{}", form.text);
    desk.cancel(&held).await;
    desk.time_to_think_is_over().await;
    let after = desk.now(&held).await;
    assert_eq!((after.status, after.counters.voided), (Status::Cancelled, 10_080));
    assert_eq!(
        after.operations.last().map(|o| (o.state, o.sent_at)),
        Some((OpState::Success, None))
    );
    let sheet = desk.get(&format!("/caisse/{}", held.id)).await;
    sound(&sheet);
    assert!(sheet.text.contains("son plafond reste réduit jusqu&#39;au"), "{}", sheet.text);
}

#[tokio::test]
async fn c_10_below_the_minimum_the_payer_is_not_offered_a_card() {
    let desk = Desk::open().await;
    let small = desk.shop.created("DOS-1/1", 1_900).await;
    desk.declares(&[(MINIMUM, "20")]).await;
    let pages = desk.shop.payer_pages();
    let page = get(&pages, As::Anyone, &format!("/p/{}", small.page_token)).await.unwrap();
    assert_eq!(page.status, 200);
    let text = page.text.replace('\u{a0}', " ");
    assert!(text.contains("19,00 €") && text.contains("à partir de 20,00 €"), "{text}");
    assert!(!text.contains("/carte\""), "{text}");
}

#[tokio::test]
async fn c_10_an_owner_makes_a_test_account_declare_less_and_the_later_of_two_sees_both() {
    let desk = Desk::open().await;
    let matrix = desk.get("/parametres/moyens").await;
    sound(&matrix);
    let path = format!("/parametres/moyens/{}", desk.shop.house.hotel.shop.id);
    assert!(matrix.text.contains(&format!("href=\"{path}\"")), "{}", matrix.text);
    let form = desk.get(&path).await;
    sound(&form);
    let other = hidden(&desk.get(&path).await.text, "form_token");
    let (token, version) = (hidden(&form.text, "form_token"), hidden(&form.text, "version"));
    let send = async |token: &str, refund: &str, minimum: &str| {
        let fields = [
            ("form_token", token),
            ("version", version.as_str()),
            ("capture", "several"),
            ("void", "rest"),
            ("refund", refund),
            ("minimum", minimum),
        ];
        desk.post(&path, &fields).await
    };
    let wrong = send(&token, "sometimes", "-1").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("entier de 1 à 10000"), "{}", wrong.text);
    for _ in 0..2 {
        assert_eq!(send(&token, "none", "20").await.location(), "/parametres/moyens");
    }
    let matrix = desk.get("/parametres/moyens").await.text;
    assert!(matrix.contains("un remboursement fait ailleurs se note"), "{matrix}");
    assert!(matrix.contains("20,00\u{a0}€"), "{matrix}");
    let both = send(&other, "whole", "20").await;
    assert_eq!(both.status, 409);
    assert!(both.text.contains("Quelqu&#39;un d&#39;autre"), "{}", both.text);
    let elsewhere = format!("/parametres/moyens/{}", desk.shop.house.museum.shop.id);
    assert_eq!(desk.get(&elsewhere).await.status, 404);
}

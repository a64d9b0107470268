//! The cash desk through its routes: found, understood, refused, captured once.

use identity::fixtures::pages::{Answer, As, get, post, sign_in};
use kernel::Money;

use crate::checkout::tests::house::Shop;
use crate::payment::{OpState, Payment};

pub(super) struct Desk {
    pub(super) shop: Shop,
    pages: axum::Router,
    cookie: String,
}

impl Desk {
    pub(super) async fn open() -> Self {
        let shop = Shop::open().await;
        let pages = shop.staff_pages();
        let cookie = sign_in(&shop.house, &pages, &shop.house.claire).await.unwrap();
        Self { shop, pages, cookie }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        get(&self.pages, As::Browser(&self.cookie), path).await.unwrap()
    }

    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        post(&self.pages, As::Browser(&self.cookie), path, fields).await.unwrap()
    }

    pub(super) async fn now(&self, payment: &Payment) -> Payment {
        self.shop.change(payment, |_| {}).await
    }
}

pub(super) fn sound(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.text.matches("<h1").count(), 1, "{}", answer.text);
    for broken in ["[desk", "[shell", "[decline", " style=", "onclick"] {
        assert!(!answer.text.contains(broken), "{broken}: {}", answer.text);
    }
}

/// The value of a hidden field.
pub(super) fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let start = page.find(&mark).unwrap() + mark.len();
    page[start..].split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn p_104_payments_are_found_by_what_people_remember() {
    let desk = Desk::open().await;
    let paid = desk.shop.tried("DOS-2026-000123/1", 3_420, OpState::Success).await;
    let other = desk.shop.created("CAUTION-7", 9_900).await;
    let searches = [
        "DOS-2026-000123/1",
        "dos-2026",
        "34,20",
        "0154",
        "*0154",
        paid.id.to_string().as_str(),
        "A1B2C3",
    ]
    .map(crate::checkout::links::encoded);
    for search in searches {
        let page = desk.get(&format!("/caisse?q={search}")).await;
        sound(&page);
        assert!(page.text.contains(&paid.id.to_string()), "{search}: {}", page.text);
        assert!(!page.text.contains(&other.id.to_string()), "{search}");
    }
    for search in ["anne@exemple.fr", "Eleonore", "%C3%A9l%C3%A9onore"] {
        let page = desk.get(&format!("/caisse?q={search}")).await;
        assert!(page.text.contains(&paid.id.to_string()), "{search}: {}", page.text);
        assert!(page.text.contains(&other.id.to_string()), "{search}");
    }
    let page = desk.get("/caisse?etat=done&lang=en").await;
    sound(&page);
    assert!(
        page.text.contains("1 payment</span>") && page.text.contains("€34.20"),
        "{}",
        page.text
    );
    let page = desk.get("/caisse?etat=quelconque&lang=fr").await;
    assert!(page.text.contains("etat") && page.text.contains(&other.id.to_string()));
    assert!(desk.get("/caisse?q=introuvable").await.text.contains("Aucun paiement"));
    assert!(desk.get("/caisse?q=100%25").await.text.contains("Aucun paiement"));
}

#[tokio::test]
async fn u_18_pages_follow_each_other_and_totals_are_those_of_the_whole_filter() {
    let desk = Desk::open().await;
    for number in 0..30 {
        desk.shop.house.clock.go_on(1);
        desk.shop.created(&format!("B-{number:02}"), 1_000 + number).await;
    }
    let first = desk.get("/caisse?taille=25").await;
    sound(&first);
    assert!(first.text.contains("B-29<") && first.text.contains("B-05<"), "{}", first.text);
    assert!(!first.text.contains("B-04<"));
    let sum = (0..30).map(|n| 1_000 + n).sum::<i64>();
    let total = kernel::format::money(Money::eur(sum), kernel::Locale::Fr);
    assert!(first.text.contains(&total) && first.text.contains("30 paiements"));
    let start = first.text.find("/caisse?taille=25&#38;avant=").unwrap();
    let next = first.text[start..].split('"').next().unwrap().replace("&#38;", "&");
    let second = desk.get(&next).await;
    assert!(second.text.contains("B-04<") && second.text.contains("B-00<"), "{}", second.text);
    assert!(!second.text.contains("B-05<") && second.text.contains(&total));
}

#[tokio::test]
async fn u_22_the_sheet_shows_money_timeline_and_why_an_action_is_not_possible() {
    let desk = Desk::open().await;
    let paid = desk.shop.tried("DOS-2026-000123/1", 10_080, OpState::Success).await;
    for language in ["en", "fr"] {
        sound(&desk.get(&format!("/caisse/{}?lang={language}", paid.id)).await);
    }
    let page = desk.get(&format!("/caisse/{}", paid.id)).await.text;
    for wanted in [
        "Chronologie",
        "Autorisation de 100,80",
        "4970 1000 •••• 0154",
        "Frais de l&#39;opérateur",
        "Déjà encaissé\u{a0}: remboursez à la place.",
        "98,79\u{a0}€",
    ] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    let refused = desk.shop.tried("R-2", 10_080, OpState::Failed).await;
    let page = desk.get(&format!("/caisse/{}", refused.id)).await;
    sound(&page);
    assert!(page.text.contains("(code 05)"), "{}", page.text);
    let unknown = desk.shop.tried("R-3", 10_080, OpState::Unknown).await;
    let page = desk.get(&format!("/caisse/{}", unknown.id)).await;
    sound(&page);
    assert!(page.text.contains("Ne faites pas payer une seconde fois."), "{}", page.text);
    let path = format!("/caisse/{}/rembourser", unknown.id);
    assert_eq!(desk.get(&path).await.location(), format!("/caisse/{}", unknown.id));
}

#[tokio::test]
async fn somebody_elses_payment_does_not_exist() {
    let desk = Desk::open().await;
    let museum = identity::fixtures::person(
        &desk.shop.house.ctx,
        &desk.shop.house.museum.scope,
        "Yann",
        identity::users::Assignment::of_role(identity::roles::OWNER),
    );
    let yann = museum.await.unwrap();
    let cookie = sign_in(&desk.shop.house, &desk.pages, &yann).await.unwrap();
    let paid = desk.shop.tried("DOS-1/1", 10_080, OpState::Success).await;
    for path in ["", "/rembourser", "/annuler", "/encaisser"] {
        let path = format!("/caisse/{}{path}", paid.id);
        let answer = get(&desk.pages, As::Browser(&cookie), &path).await.unwrap();
        assert_eq!(answer.status, 404, "{path}");
    }
    let list = get(&desk.pages, As::Browser(&cookie), "/caisse").await.unwrap();
    assert!(!list.text.contains("DOS-1/1"));
    let anyone = get(&desk.pages, As::Anyone, "/caisse").await.unwrap();
    assert!(anyone.location().starts_with("/connexion"));
}

#[tokio::test]
async fn p_103_a_right_that_is_missing_is_named_and_refused() {
    let desk = Desk::open().await;
    let cookie = sign_in(&desk.shop.house, &desk.pages, &desk.shop.house.malik).await.unwrap();
    let held = desk.shop.authorised("DOS-1/1", 10_080).await;
    let path = format!("/caisse/{}", held.id);
    let page = get(&desk.pages, As::Browser(&cookie), &path).await.unwrap();
    assert!(page.text.contains("payments.capture"), "{}", page.text);
    let action = format!("{path}/encaisser");
    let answer = post(&desk.pages, As::Browser(&cookie), &action, &[]).await.unwrap();
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn u_24_faults_of_typing_are_named_and_nothing_is_sent() {
    let desk = Desk::open().await;
    let paid = desk.shop.tried("DOS-1/1", 5_000, OpState::Success).await;
    let path = format!("/caisse/{}/rembourser", paid.id);
    let form = desk.get(&path).await;
    sound(&form);
    let token = hidden(&form.text, "form_token");
    let faults = [
        ("50,01", "50,00\u{a0}€ au plus."),
        ("", "Saisissez une somme"),
        ("0", "supérieure à zéro"),
        ("12,3456", "deux chiffres"),
        ("1.234", "de deux façons"),
    ];
    for (typed, said) in faults {
        let fields = [("amount", typed), ("form_token", token.as_str())];
        let answer = desk.post(&path, &fields).await;
        assert_eq!(answer.status, 422, "{typed}");
        assert!(answer.text.contains(said), "{typed}: {}", answer.text);
        assert!(answer.text.contains("<title>Erreur\u{a0}:"), "{}", answer.text);
        assert!(answer.text.contains(&format!("value=\"{typed}\"")), "{}", answer.text);
    }
    let number = [("amount", "10"), ("reason", "4242 4242 4242 4242"), ("form_token", &token)];
    let answer = desk.post(&path, &number).await;
    assert!(answer.status == 422 && !answer.text.contains("4242 4242"), "{}", answer.text);
    let old = [("amount", "10"), ("expected_refundable", "4999"), ("form_token", &token)];
    let answer = desk.post(&path, &old).await;
    assert!(answer.text.contains("a changé (50,00\u{a0}€)"), "{}", answer.text);
    let unsigned = desk.post(&path, &[("amount", "10")]).await;
    assert_eq!(unsigned.status, 422);
    assert_eq!(desk.now(&paid).await.operations.len(), paid.operations.len());
}

#[tokio::test]
async fn u_25_large_amounts_are_typed_once_more() {
    let desk = Desk::open().await;
    let paid = desk.shop.tried("DOS-1/1", 60_000, OpState::Success).await;
    let path = format!("/caisse/{}/rembourser", paid.id);
    let typed = desk.get(&path).await.text;
    assert!(!typed.contains("name=\"again\""), "an amount typed by hand is enough: {typed}");
    let form = desk.get(&format!("{path}?montant=600,00")).await.text;
    assert!(form.contains("name=\"again\"") && form.contains("value=\"600,00\""), "{form}");
    let token = hidden(&form, "form_token");
    let fields = [("amount", "600,00"), ("prefilled", "yes"), ("form_token", token.as_str())];
    let answer = desk.post(&path, &fields).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("Écrivez 600,00 pour confirmer."), "{}", answer.text);
}

impl Desk {
    /// Asks for the cancellation; gives the fields that were sent.
    pub(super) async fn cancel(&self, payment: &Payment) -> [(&'static str, String); 2] {
        let path = format!("/caisse/{}/annuler", payment.id);
        let form = self.get(&path).await.text;
        let fields =
            [("form_token", hidden(&form, "form_token")), ("version", hidden(&form, "version"))];
        self.send(&path, &fields).await;
        fields
    }

    async fn send(&self, path: &str, fields: &[(&'static str, String)]) {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let answer = self.post(path, &fields).await;
        assert!(answer.location().starts_with("/caisse/pay_"), "{}", answer.text);
    }

    /// The seconds in which one may think again go by.
    pub(super) async fn time_to_think_is_over(&self) {
        self.shop.house.clock.go_on(crate::grace::SECONDS);
        crate::grace::carry_out(&self.shop.engine).await.unwrap();
    }
}

#[tokio::test]
async fn u_26_a_double_click_cancels_once_and_both_see_the_result() {
    let desk = Desk::open().await;
    let open = desk.shop.created("CAUTION-1", 4_200).await;
    let fields = desk.cancel(&open).await;
    desk.send(&format!("/caisse/{}/annuler", open.id), &fields).await;
    desk.time_to_think_is_over().await;
    let page = desk.get(&format!("/caisse/{}", open.id)).await;
    sound(&page);
    assert!(page.text.contains("Annulé") && page.text.contains("Claire"), "{}", page.text);
}

#[tokio::test]
async fn u_25_a_cancellation_is_taken_back_within_ten_seconds() {
    let desk = Desk::open().await;
    let open = desk.shop.created("CAUTION-1", 4_200).await;
    let sheet = format!("/caisse/{}", open.id);
    desk.cancel(&open).await;
    let page = desk.get(&sheet).await;
    sound(&page);
    assert!(page.text.contains("Annuler cette action"), "{}", page.text);
    assert!(page.text.contains("vous pouvez encore l&#39;annuler"), "{}", page.text);
    assert_eq!(page.headers["refresh"], "2");
    desk.send(&format!("{sheet}/reprendre"), &[]).await;
    desk.time_to_think_is_over().await;
    assert!(desk.now(&open).await.closed.is_none(), "nothing was done");
    assert!(!desk.get(&sheet).await.text.contains("Annuler cette action"));
    desk.cancel(&open).await;
    crate::grace::carry_out(&desk.shop.engine).await.unwrap();
    assert!(desk.now(&open).await.closed.is_none(), "not before its time");
    desk.time_to_think_is_over().await;
    assert!(desk.now(&open).await.closed.is_some());
    desk.send(&format!("{sheet}/reprendre"), &[]).await;
    assert!(desk.now(&open).await.closed.is_some(), "too late");
}

#[tokio::test]
async fn u_25_a_payment_that_changes_meanwhile_is_left_as_it_is() {
    let desk = Desk::open().await;
    let open = desk.shop.created("CAUTION-1", 4_200).await;
    desk.cancel(&open).await;
    let changed = desk.shop.change(&open, |payment| payment.late = true).await;
    desk.time_to_think_is_over().await;
    let now = desk.now(&open).await;
    assert!(now.closed.is_none() && now.version == changed.version, "{now:?}");
    let page = desk.get(&format!("/caisse/{}", open.id)).await;
    sound(&page);
    assert!(!page.text.contains("Annuler cette action"), "{}", page.text);
    assert!(page.text.contains("le paiement a changé entre-temps"), "{}", page.text);
}

#[tokio::test]
async fn p_12_an_old_version_is_told_and_nothing_is_sent() {
    let desk = Desk::open().await;
    let open = desk.shop.created("CAUTION-2", 4_200).await;
    let path = format!("/caisse/{}/annuler", open.id);
    let token = hidden(&desk.get(&path).await.text, "form_token");
    let fields = [("form_token", token.as_str()), ("version", "99")];
    let answer = desk.post(&path, &fields).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("a changé depuis"), "{}", answer.text);
    assert!(desk.now(&open).await.closed.is_none());
}

#[tokio::test]
async fn a_refund_the_bank_never_heard_of_leaves_the_money_refundable() {
    let desk = Desk::open().await;
    let paid = desk.shop.tried("DOS-1/1", 10_080, OpState::Success).await;
    let path = format!("/caisse/{}/rembourser", paid.id);
    let form = desk.get(&path).await.text;
    let (token, version) = (hidden(&form, "form_token"), hidden(&form, "version"));
    let expected = hidden(&form, "expected_refundable");
    let fields = [
        ("form_token", token.as_str()),
        ("version", version.as_str()),
        ("expected_refundable", expected.as_str()),
        ("amount", "20,00"),
        ("reason", "Petit déjeuner non servi"),
    ];
    let answer = desk.post(&path, &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let page = desk.get(answer.location()).await;
    sound(&page);
    assert!(page.text.contains("Remboursement de 20,00"), "{}", page.text);
    let after = desk.now(&paid).await;
    assert_eq!(after.counters.refundable(), 10_080);
    assert_eq!(after.counters.refunded, 0);
}

#[tokio::test]
async fn u_03_a_refund_above_the_persons_ceiling_is_not_done_and_its_form_asks_for_agreement() {
    let desk = Desk::open().await;
    let refund = kernel::Right::PaymentsRefund;
    let desk_role = identity::users::Assignment::of_role("desk").up_to(refund, 5_000);
    let house = &desk.shop.house;
    let ines = identity::fixtures::person(&house.ctx, &house.hotel.scope, "Ines", desk_role);
    let cookie = sign_in(house, &desk.pages, &ines.await.unwrap()).await.unwrap();
    let browser = As::Browser(&cookie);
    let paid = desk.shop.tried("DOS-1/1", 10_080, OpState::Success).await;
    let path = format!("/caisse/{}/rembourser", paid.id);
    let form = get(&desk.pages, browser, &path).await.unwrap().text;
    let said = "Votre plafond est de 50,00\u{a0}€ par remboursement";
    assert!(form.contains(said) && form.contains("montant=50,00"), "{form}");
    let (token, expected) = (hidden(&form, "form_token"), hidden(&form, "expected_refundable"));
    let send = async |amount: &str| {
        let fields = [
            ("form_token", token.as_str()),
            ("expected_refundable", expected.as_str()),
            ("amount", amount),
        ];
        post(&desk.pages, browser, &path, &fields).await.unwrap()
    };
    let answer = send("50,01").await;
    assert_eq!(answer.status, 422);
    let needed = "50,01\u{a0}€ dépasse votre plafond de 50,00\u{a0}€";
    assert!(answer.text.contains(needed), "{}", answer.text);
    assert!(answer.text.contains(">Demander l&#39;accord</button>"), "{}", answer.text);
    assert_eq!(desk.now(&paid).await.operations.len(), paid.operations.len());
    assert_eq!(send("50,00").await.status, 303);
    assert_eq!(desk.now(&paid).await.operations.len(), paid.operations.len() + 1);
}

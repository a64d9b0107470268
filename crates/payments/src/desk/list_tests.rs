//! The list through its routes: views, chips, columns, files.

use db::{Route, Tx};
use identity::fixtures::pages::{As, get, sign_in};
use identity::merchants::{self, PointOfSale};
use kernel::PointOfSaleId;

use crate::checkout::tests::house::Desk;
use crate::payment::OpState;

/// A desk with one captured payment of 34.20 and one that nobody tried.
async fn open() -> Desk {
    let desk = Desk::open().await;
    desk.shop.tried("DOS-2026-000123/1", 3_420, OpState::Success).await;
    desk.shop.created("CAUTION-7", 9_900).await;
    desk
}

impl Desk {
    /// The hotel sells at its reception too.
    async fn has_a_reception(&self) -> PointOfSaleId {
        let (house, hotel) = (&self.shop.house, &self.shop.house.hotel);
        // After the shop's own point of sale, which stays the first.
        let now = house.ctx.real_now().plus_seconds(1);
        let point = PointOfSale {
            id: PointOfSaleId::new(now, house.ctx.rng.as_ref()),
            shop: hotel.shop.id,
            name: "Réception".into(),
            channel: "counter".into(),
        };
        let (id, scope) = (point.id, hotel.scope.clone());
        let add = move |tx: &mut Tx<'_>| merchants::ops::add_point_of_sale(tx, &scope, &point, now);
        house.ctx.db.write(Route::any(), add).await.unwrap();
        id
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.text.replace("&#38;", "&").replace("&#39;", "'")
    }
}

#[tokio::test]
async fn u_18_views_are_tabs_with_counts_and_a_person_saves_his_own() {
    let desk = open().await;
    let page = desk.page("/caisse").await;
    for (tab, count) in [("À traiter", 0), ("Aujourd'hui", 2), ("À encaisser", 0), ("Toutes", 2)]
    {
        let said = format!(">{tab} <span class=\"count\">{count}</span>");
        assert!(page.contains(&said), "{said}: {page}");
    }
    let fields = [("nom", "Visa du jour"), ("filtre", "date=aujourdhui&marque=visa")];
    let answer = desk.post("/caisse/vues", &fields).await;
    assert_eq!(answer.location(), "/caisse?date=aujourdhui&marque=visa");
    let page = desk.page("/caisse?date=aujourdhui&marque=visa").await;
    let tab = "<a href=\"/caisse?date=aujourdhui&marque=visa\" aria-current=\"page\">Visa du jour";
    assert!(page.contains(tab), "{page}");
    desk.post("/caisse/vues", &[("oublier", "Visa du jour")]).await;
    assert!(!desk.page("/caisse").await.contains("Visa du jour"));
}

#[tokio::test]
async fn u_107_readings_are_chips_that_can_be_removed() {
    let desk = open().await;
    let page = desk.page("/caisse?q=34,21").await;
    assert!(page.contains("Montant\u{a0}: 34,21") || page.contains("Montant : 34,21"), "{page}");
    assert!(page.contains("Aucun paiement"), "{page}");
    let year = desk.page("/caisse?q=2026").await;
    for (chip, without) in [("4 chiffres", "annee"), ("Année", "4chiffres")] {
        assert!(year.contains(chip), "{chip}: {year}");
        assert!(year.contains(&format!("/caisse?q=2026&lire={without}")), "{without}: {year}");
    }
    let chips = year.matches("class=\"filter on\"").count();
    assert_eq!(chips, 2, "the third way is a search of its own: {year}");
    let text = desk.page("/caisse?q=2026&lire=texte").await;
    assert!(text.contains(">DOS-2026-000123/1</a>") && !text.contains(">CAUTION-7</a>"), "{text}");
}

#[tokio::test]
async fn u_20_each_filter_finds_what_it_says() {
    let desk = open().await;
    let shop = desk.shop.house.hotel.shop.id;
    let cases = [
        ("statut=captured", "DOS-2026-000123/1", "CAUTION-7"),
        ("etat=in_progress", "CAUTION-7", "DOS-2026-000123/1"),
        ("min=50", "CAUTION-7", "DOS-2026-000123/1"),
        ("max=50", "DOS-2026-000123/1", "CAUTION-7"),
        ("q=000123", "DOS-2026-000123/1", "CAUTION-7"),
        ("q=ution", "CAUTION-7", "DOS-2026-000123/1"),
        ("q=caution&min=50", "CAUTION-7", "DOS-2026-000123/1"),
    ];
    for (query, found, other) in cases {
        let page = desk.page(&format!("/caisse?{query}&boutique={shop}")).await;
        assert!(page.contains(&format!(">{found}</a>")), "{query}: {page}");
        assert!(!page.contains(&format!(">{other}</a>")), "{query}: {page}");
    }
    for nothing in ["au=2020-01-01", "canal=counter", "garantie=unknown", "3ds=N", "meta=a:b"] {
        assert!(desk.page(&format!("/caisse?{nothing}")).await.contains("Aucun paiement"));
    }
}

#[tokio::test]
async fn u_20_a_point_of_sale_is_chosen_by_its_name() {
    let desk = open().await;
    let own = desk.shop.house.hotel.point;
    let alone = desk.page("/caisse").await;
    assert!(!alone.contains("name=\"point\""), "one point of sale is no choice: {alone}");
    let other = desk.has_a_reception().await;
    let page = desk.page("/caisse").await;
    assert!(page.contains("<option value=\"\">Tous</option>"), "{page}");
    assert!(page.contains(&format!("<option value=\"{own}\">")), "{page}");
    assert!(page.contains(&format!("<option value=\"{other}\">Réception</option>")), "{page}");
    let page = desk.page(&format!("/caisse?point={other}")).await;
    assert!(page.contains("Point de vente\u{a0}: Réception"), "{page}");
    let chosen = format!("<option value=\"{other}\" selected>Réception</option>");
    assert!(page.contains(&chosen) && page.contains("Aucun paiement"), "{page}");
    let page = desk.page(&format!("/caisse?point={own}&max=50")).await;
    assert!(page.contains(">DOS-2026-000123/1</a>"), "{page}");
    let english = desk.page(&format!("/caisse?point={other}&lang=en")).await;
    assert!(english.contains("Point of sale: Réception"), "{english}");
}

#[tokio::test]
async fn u_20_a_customer_is_typed_and_another_word_is_named() {
    let desk = open().await;
    let page = desk.page("/caisse").await;
    assert!(page.contains("name=\"client\""), "{page}");
    let page = desk.page("/caisse?client=anne").await;
    assert!(page.contains("Filtre inconnu, ignoré") && page.contains(">CAUTION-7</a>"), "{page}");
}

#[tokio::test]
async fn u_21_columns_are_chosen_and_ordered_by_each_person() {
    let desk = open().await;
    let fields = [("c-amount", "1"), ("c-email", "2"), ("dense", "oui"), ("filtre", "q=dos")];
    let answer = desk.post("/caisse/reglages", &fields).await;
    assert_eq!(answer.location(), "/caisse?q=dos");
    let page = desk.page("/caisse?q=dos").await;
    let heads: Vec<&str> = page.split("scope=\"col\"").skip(2).collect();
    assert_eq!(heads.len(), 2, "{page}");
    assert!(heads[0].contains(">Montant<") && heads[1].starts_with(">E-mail<"), "{page}");
    assert!(page.contains("table dense") && page.contains("data-keys=\"off\""), "{page}");
    let csv = desk.get("/caisse/export?format=csv-point-virgule&q=dos").await.text;
    assert_eq!(csv, "\u{feff}Montant;E-mail;Devise\r\n34,20;anne@exemple.fr;EUR\r\n");
}

#[tokio::test]
async fn u_30_a_file_has_the_filter_the_totals_and_a_line_in_the_journal() {
    let desk = open().await;
    let fields = [("format", "csv-virgule"), ("filtre", "statut=captured")];
    let answer = desk.post("/caisse/export", &fields).await;
    assert_eq!(answer.location(), "/caisse/export?format=csv-virgule&statut=captured");
    let csv = desk.get(answer.location()).await.text;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 2, "{csv}");
    assert!(lines[1].starts_with("DOS-2026-000123/1,"), "{csv}");
    assert!(lines[1].contains(",0154,") && lines[1].ends_with(",34.20,0.00,EUR"), "{csv}");
    assert!(!csv.contains("4970"), "no more of a card than its last digits: {csv}");
    let lines = desk.get("/caisse/export?format=jsonl").await.text;
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |reference: &str| lines.iter().find(|line| line["reference"] == reference).unwrap();
    assert_eq!(of("DOS-2026-000123/1")["brand"], "visa");
    assert_eq!(of("CAUTION-7")["brand"], serde_json::Value::Null);
    let page = desk.page("/caisse").await;
    assert!(page.contains("value=\"csv-virgule\" selected"), "the choice is kept: {page}");
    let journal = desk.page("/journal").await;
    assert!(journal.contains("list.exported") && journal.contains("statut=captured"), "{journal}");
    let totals = desk.get("/caisse/totaux?statut=captured").await.text;
    assert!(totals.contains("34,20") && totals.contains("1 paiement"), "{totals}");
}

#[tokio::test]
async fn p_104_a_change_of_the_page_is_a_change_of_its_number() {
    use identity::lists::{List as _, Wanted};
    let desk = open().await;
    let house = &desk.shop.house;
    let wanted = Wanted {
        query: String::new(),
        columns: Vec::new(),
        words: house.ctx.words(kernel::Locale::Fr),
        zone: kernel::Zone::paris(),
        now: house.ctx.now(house.hotel.shop.id),
    };
    let number = async || {
        let (scope, wanted) = (house.hotel.scope.clone(), wanted.clone());
        let read = move |tx: &mut Tx<'_>| super::list::Payments.digest(tx, &scope, &wanted);
        house.ctx.db.read(read).await.unwrap()
    };
    let before = number().await;
    assert_eq!(before, number().await);
    desk.shop.created("NEW-1", 100).await;
    assert_ne!(before, number().await);
}

#[tokio::test]
async fn who_may_not_export_gets_no_file() {
    let desk = open().await;
    let house = &desk.shop.house;
    let cookie = sign_in(house, &desk.pages, &house.malik).await.unwrap();
    let path = "/caisse/export?format=csv-virgule";
    let answer = get(&desk.pages, As::Browser(&cookie), path).await.unwrap();
    assert_eq!(answer.status, 403, "{}", answer.text);
    let list = get(&desk.pages, As::Browser(&cookie), "/caisse").await.unwrap();
    assert!(!list.text.contains("data-export"), "{}", list.text);
}

//! Lots through their pages and their run: shown, confirmed once, each line once.

use identity::fixtures::pages::{As, get, sign_in};
use identity::runs::NewRun;
use identity::runs::runner::Runner;
use kernel::{JobId, Right};

use crate::checkout::tests::house::Desk;
use crate::payment::{Kind, OpState, Payment, Status};

impl Desk {
    async fn now(&self, payment: &Payment) -> Payment {
        self.shop.change(payment, |_| {}).await
    }

    /// The hidden fields of a page, with more.
    fn fields<'a>(page: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let form = page.split("<form method=\"post\" action=\"/caisse/lots/").nth(1).unwrap();
        let form = form.split("</form>").next().unwrap();
        let inputs = form.split("<input type=\"hidden\" name=\"").skip(1).map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            (name, rest.split('"').next().unwrap())
        });
        inputs.chain(more.iter().copied()).collect()
    }

    fn runner(&self) -> Runner {
        Runner::new(self.shop.house.ctx.clone(), Vec::new())
            .with_errands(vec![self.shop.lots().errand()])
    }
}

fn chosen(payments: &[&Payment]) -> String {
    let ids: Vec<String> = payments.iter().map(|payment| format!("id={}", payment.id)).collect();
    ids.join("&")
}

#[tokio::test(flavor = "multi_thread")]
async fn u_21_the_page_before_a_lot_says_how_many_how_much_and_what_is_left_out_and_why() {
    let desk = Desk::open().await;
    let first = desk.shop.tried("A-1", 10_000, OpState::Success).await;
    let second = desk.shop.tried("A-2", 4_550, OpState::Success).await;
    let open = desk.shop.created("A-3", 9_900).await;
    let page = desk.get("/caisse").await.text;
    assert!(page.contains(&format!("name=\"id\" value=\"{}\" form=\"lot\"", first.id)), "{page}");
    assert!(page.contains("formaction=\"/caisse/lots/rembourser\">Rembourser le reste<"), "{page}");
    let query = chosen(&[&first, &second, &open]);
    for language in ["en", "fr"] {
        let page = desk.get(&format!("/caisse/lots/rembourser?{query}&lang={language}")).await;
        assert_eq!(page.status, 200);
    }
    let page = desk.get(&format!("/caisse/lots/rembourser?{query}&filtre=etat%3Ddone")).await.text;
    assert!(page.contains("href=\"/caisse?etat=done\""), "{page}");
    assert!(page.contains("<dt>Lignes concernées</dt><dd>2</dd>"), "{page}");
    assert!(page.contains("145,50\u{a0}€") && page.contains("Rembourser 2 paiements"), "{page}");
    let (_, left_out) = page.split_once("id=\"left-out\"").unwrap();
    assert!(left_out.contains("A-3") && left_out.contains("annulez au lieu"), "{left_out}");
    let page = desk.get("/caisse/lots/annuler").await.text;
    assert!(page.contains("cochez des lignes"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn u_21_a_lot_runs_once_each_line_under_the_name_of_who_asked() {
    let desk = Desk::open().await;
    let first = desk.shop.created("A-1", 10_000).await;
    let second = desk.shop.created("A-2", 4_550).await;
    let page = desk.get(&format!("/caisse/lots/annuler?{}", chosen(&[&first, &second]))).await.text;
    let fields = Desk::fields(&page, &[("reason", "double saisie")]);
    let asked = desk.post("/caisse/lots/annuler", &fields).await;
    assert!(asked.location().starts_with("/traitements/"), "{}", asked.text);
    let again = desk.post("/caisse/lots/annuler", &fields).await;
    assert_eq!(again.location(), asked.location());
    // One of them changed between the button and its turn.
    let changed = desk
        .shop
        .change(&second, |payment| {
            payment.metadata = serde_json::Map::from_iter([("a".into(), 1.into())])
        })
        .await;
    desk.runner().run_waiting().await;
    let page = desk.get(asked.location()).await.text;
    assert!(page.contains("Terminé") && page.contains("2 lignes sur 2"), "{page}");
    let done = desk.now(&first).await;
    assert_eq!(done.status, Status::Cancelled);
    assert_ne!(desk.now(&changed).await.status, Status::Cancelled);
    let result = asked.location().replace("/traitements/", "/lots/");
    assert!(page.contains(&result), "{page}");
    assert!(desk.get("/taches").await.text.contains("Votre traitement est terminé"));
    let page = desk.get(&result).await.text;
    assert!(page.contains("<dt>Fait</dt><dd>1</dd>"), "{page}");
    assert!(page.contains("Le paiement a changé depuis que vous l&#39;avez vu."), "{page}");
    assert!(desk.get("/taches").await.text.contains("Aucune tâche"), "he has seen it");
    let id = result.rsplit('/').next().unwrap();
    let file = desk.get(&format!("/lots/export?format=csv-virgule&lot={id}")).await.text;
    let lines: Vec<&str> = file.lines().collect();
    assert!(lines[1].starts_with("A-1,") && lines[1].contains(",Fait,"), "{file}");
    assert!(lines[2].starts_with("A-2,") && lines[2].contains(",Laissé de côté,"), "{file}");
    let malik = sign_in(&desk.shop.house, &desk.pages, &desk.shop.house.malik).await.unwrap();
    let other = get(&desk.pages, As::Browser(&malik), &result).await.unwrap();
    assert_eq!(other.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn u_33_a_lot_taken_up_after_a_crash_asks_the_bank_for_no_line_twice() {
    let desk = Desk::open().await;
    let mut paid = Vec::new();
    for number in 1..=4 {
        paid.push(desk.shop.tried(&format!("A-{number}"), 1_000, OpState::Success).await);
    }
    let query = chosen(&paid.iter().collect::<Vec<_>>());
    let page = desk.get(&format!("/caisse/lots/rembourser?{query}")).await.text;
    let asked = desk.post("/caisse/lots/rembourser", &Desk::fields(&page, &[])).await;
    // A process did two lines and died: its lease runs out with the run still running.
    let errand = desk.shop.lots().errand();
    let ctx = &desk.shop.house.ctx;
    let (now, late) = (ctx.real_now(), ctx.real_now().plus_seconds(60));
    let claim = move |tx: &mut db::Tx<'_>| identity::runs::store::claim(tx, now, late);
    let run = ctx.db.write(db::Route::any(), claim).await.unwrap().unwrap();
    for _ in 0..2 {
        assert_eq!(errand.next(run.clone()).await.unwrap(), identity::runs::Turn::More);
    }
    desk.runner().run_waiting().await;
    assert!(desk.get(asked.location()).await.text.contains("2 lignes sur 4"));
    desk.shop.house.clock.go_on(61);
    desk.runner().run_waiting().await;
    for payment in &paid {
        let refunds = |payment: Payment| {
            payment.operations.iter().filter(|one| one.kind == Kind::Refund).count()
        };
        assert_eq!(refunds(desk.now(payment).await), 1, "{}", payment.order_ref);
    }
    assert!(desk.get(asked.location()).await.text.contains("4 lignes sur 4"));
}

#[tokio::test(flavor = "multi_thread")]
async fn u_21_what_the_page_did_not_show_is_not_done() {
    let desk = Desk::open().await;
    let first = desk.shop.tried("A-1", 60_000, OpState::Success).await;
    let second = desk.shop.tried("A-2", 4_550, OpState::Success).await;
    let query = chosen(&[&first, &second]);
    let path = "/caisse/lots/rembourser";
    let page = desk.get(&format!("{path}?{query}")).await.text;
    assert!(page.contains("Écrivez 645,50"), "{page}");
    let refused = desk.post(path, &Desk::fields(&page, &[("again", "64,55")])).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("Retapez le total affiché"), "{}", refused.text);
    // Without one of the two that the page showed.
    let mut fewer = Desk::fields(&page, &[("again", "645,50")]);
    let id = second.id.to_string();
    fewer.retain(|(_, value)| *value != id);
    let refused = desk.post(path, &fewer).await;
    assert!(refused.text.contains("Une ligne a changé"), "{}", refused.text);
    let asked = desk.post(path, &Desk::fields(&refused.text, &[("again", "600,00")])).await;
    assert!(asked.location().starts_with("/traitements/"), "{}", asked.text);
    desk.runner().run_waiting().await;
    let refunds = |payment: &Payment| payment.operations.iter().any(|o| o.kind == Kind::Refund);
    assert!(refunds(&desk.now(&first).await) && !refunds(&desk.now(&second).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn u_21_a_lot_may_do_no_more_than_its_person_may() {
    let desk = Desk::open().await;
    let paid = desk.shop.tried("A-1", 60_000, OpState::Success).await;
    let malik = sign_in(&desk.shop.house, &desk.pages, &desk.shop.house.malik).await.unwrap();
    let path = format!("/caisse/lots/rembourser?{}", chosen(&[&paid]));
    let lot = get(&desk.pages, As::Browser(&malik), &path).await.unwrap();
    assert!(lot.text.contains("Au-delà de votre plafond"), "{}", lot.text);
    assert!(lot.text.contains("<dt>Lignes concernées</dt><dd>0</dd>"), "{}", lot.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn q_35_a_lot_of_the_version_before_goes_on_with_its_lines_and_its_results() {
    let desk = Desk::open().await;
    let house = &desk.shop.house;
    let done = desk.shop.tried("A-1", 10_000, OpState::Success).await;
    let waiting = desk.shop.created("A-2", 4_550).await;
    let id = JobId::random(house.ctx.rng.as_ref());
    let (merchant, mode) = (house.hotel.scope.merchant(), house.hotel.scope.mode());
    let scope = identity::scope::for_promise(merchant, mode, house.claire.id, Vec::new());
    let kind = identity::runs::Kind::Errand {
        name: "payments.lot".into(),
        result: format!("/caisse/lots/{id}"),
    };
    let run =
        NewRun::errand(id, Right::PaymentsCancel, kind, ("Annuler plusieurs paiements".into(), 2));
    let (user, now) = (house.claire.id, house.ctx.real_now());
    let older = move |tx: &mut db::Tx<'_>| -> Result<(), db::DbError> {
        identity::runs::store::insert(tx, &scope, &run, now)?;
        let lot = "INSERT INTO payment_lot (run_id, merchant_id, mode, user_id, action, address, \
                   device, role, created_at) VALUES ($1, $2, $3, $4, 'cancel', '', '', '', $5)";
        tx.exec(lot, &db::params![id, merchant, mode.as_str(), user, now])?;
        let line = "INSERT INTO payment_lot_line (run_id, position, merchant_id, payment_id, \
                    version, amount, currency, state, why) \
                    VALUES ($1, $2, $3, $4, $5, 0, 'EUR', $6, $7)";
        let lines = [(&done, "refused", Some("changed")), (&waiting, "waiting", None)];
        for (position, (payment, state, why)) in (0_i64..).zip(lines) {
            let version = payment.version;
            let values = db::params![id, position, merchant, payment.id, version, state, why];
            tx.exec(line, &values)?;
        }
        for statement in super::MOVED.sql.split(";\n").filter(|text| text.contains("lot")) {
            tx.exec(statement, &[])?;
        }
        Ok(())
    };
    house.ctx.db.write(db::Route::any(), older).await.unwrap();
    desk.runner().run_waiting().await;
    let page = desk.get(&format!("/traitements/{id}")).await.text;
    assert!(page.contains(&format!("/lots/{id}")) && page.contains("Terminé"), "{page}");
    let page = desk.get(&format!("/lots/{id}")).await.text;
    for said in ["A-1", "A-2", "<dt>Fait</dt><dd>1</dd>", "Le paiement a changé depuis"] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

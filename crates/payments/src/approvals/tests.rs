//! An agreement through the pages: asked for, answered, told.

use identity::fixtures::pages::{Answer, As, get, post, sign_in};
use web::Worker;

use super::{HOURS, job_kind};
use crate::checkout::tests::house::Desk;
use crate::payment::{Kind, OpState, Payment};

/// Malik, who may give back 50.00 alone, beside Claire at the desk.
struct Two {
    desk: Desk,
    malik: String,
}

impl Two {
    async fn open() -> Self {
        let desk = Desk::open().await;
        let house = &desk.shop.house;
        let malik = sign_in(house, &desk.pages, &house.malik).await.unwrap();
        Self { desk, malik }
    }

    async fn his(&self, path: &str) -> String {
        let answer = get(&self.desk.pages, As::Browser(&self.malik), path).await.unwrap();
        assert!(!answer.text.contains("[approval"), "{}", answer.text);
        answer.text
    }

    async fn he_posts(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        post(&self.desk.pages, As::Browser(&self.malik), path, fields).await.unwrap()
    }

    /// Malik asks to give back 60.00 of a payment of 100.80; gives the request's page.
    async fn asks(&self, paid: &Payment) -> String {
        let path = format!("/caisse/{}/rembourser", paid.id);
        let mut form = self.his(&path).await;
        for status in [422, 303] {
            let fields: Vec<(&str, String)> =
                [("form_token", ""), ("version", ""), ("expected_refundable", ""), ("accord", "")]
                    .map(|(name, _)| (name, hidden(&form, name)))
                    .into();
            let mut sent: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            sent.extend([("amount", "60,00"), ("reason", "Chambre bruyante")]);
            let answer = self.he_posts(&path, &sent).await;
            assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
            if status == 303 {
                return answer.location().to_owned();
            }
            assert!(answer.text.contains("value=\"60,00\""), "nothing is typed twice");
            assert!(answer.text.contains("value=\"Chambre bruyante\""), "{}", answer.text);
            assert!(answer.text.contains(">Demander l&#39;accord</button>"), "{}", answer.text);
            form = answer.text;
        }
        unreachable!("the second submit leads to the request")
    }

    async fn refunds(&self, paid: &Payment) -> Vec<i64> {
        let now = self.desk.shop.change(paid, |_| {}).await;
        let refunds = now.operations.iter().filter(|o| o.kind == Kind::Refund);
        refunds.map(|o| o.amount.minor()).collect()
    }
}

/// The value of a hidden field; empty without one.
fn hidden(page: &str, name: &str) -> String {
    let after = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_default();
    after.split('"').next().unwrap_or_default().to_owned()
}

/// The day that a form proposes.
fn day(page: &str) -> String {
    let field = page.split("type=\"date\"").nth(1).unwrap();
    field.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn u_03_above_the_ceiling_another_person_agrees_with_one_press_and_it_is_done_once() {
    let two = Two::open().await;
    let paid = two.desk.shop.tried("DOS-1/1", 10_080, OpState::Success).await;
    let request = two.asks(&paid).await;
    assert!(request.starts_with("/demandes/apr_"), "{request}");
    let page = two.his(&request).await;
    assert!(
        page.contains("En attente d&#39;accord") && page.contains("Chambre bruyante"),
        "{page}"
    );
    assert!(page.contains("Votre plafond est de 50,00") && !page.contains("/accorder"), "{page}");
    assert_eq!(two.refunds(&paid).await, [0; 0], "nothing is done yet");
    assert!(two.his("/taches").await.contains("Rien à faire"), "not a task of whoever asks");
    let grant = format!("{request}/accorder");
    assert_eq!(two.he_posts(&grant, &[]).await.status, 409, "not his to agree to");

    let sheet = format!("/caisse/{}", paid.id);
    assert!(two.his(&sheet).await.contains(&request), "the payment says what waits");
    let again = two.asks(&paid).await;
    assert_eq!(again, request, "one open request of a payment");

    let tasks = two.desk.get("/taches").await.text;
    for wanted in ["1 tâche<", "DOS-1/1 · 60,00", "Malik", &format!("action=\"{grant}?mode=test\"")]
    {
        assert!(tasks.contains(wanted), "{wanted}: {tasks}");
    }
    let answer = two.desk.post(&grant, &[]).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, request.as_str()));
    assert_eq!(two.refunds(&paid).await, [6_000]);
    let page = two.desk.get(&request).await.text;
    assert!(page.contains("accordée par Claire"), "{page}");
    for path in [&grant, &format!("{request}/refuser")] {
        assert_eq!(two.desk.post(path, &[]).await.location(), request);
    }
    assert_eq!(two.refunds(&paid).await, [6_000], "once, however often it is pressed");
    assert!(two.desk.get("/taches").await.text.contains("Rien à faire"));
    let told = two.his("/taches").await;
    assert!(told.contains("Votre demande a été accordée") && told.contains(&request), "{told}");
    let timeline = two.desk.get(&sheet).await.text;
    for wanted in ["Accord demandé", "Accord donné", "Remboursement de 60,00", "Claire", "Malik"]
    {
        assert!(timeline.contains(wanted), "{wanted}: {timeline}");
    }
    let house = &two.desk.shop.house;
    let owner = identity::users::Assignment::of_role(identity::roles::OWNER);
    let yann = identity::fixtures::person(&house.ctx, &house.museum.scope, "Yann", owner).await;
    let yann = sign_in(house, &two.desk.pages, &yann.unwrap()).await.unwrap();
    let foreign = get(&two.desk.pages, As::Browser(&yann), &request).await.unwrap();
    assert_eq!(foreign.status, 404, "a request of another merchant does not exist");
    let foreign = post(&two.desk.pages, As::Browser(&yann), &grant, &[]).await.unwrap();
    assert_eq!(foreign.status, 404);
    let english = two.desk.get(&format!("{request}?lang=en")).await.text;
    assert!(english.contains("agreed by Claire"), "{english}");
}

#[tokio::test]
async fn u_03_what_changed_before_the_answer_is_said_and_nothing_is_done() {
    let two = Two::open().await;
    let paid = two.desk.shop.tried("DOS-2/1", 10_080, OpState::Success).await;
    let request = two.asks(&paid).await;
    // Claire writes a refund down that was made at the counter: less is left than he saw.
    let path = format!("/caisse/{}/enregistrer", paid.id);
    let form = two.desk.get(&path).await.text;
    let (token, expected, on) =
        (hidden(&form, "form_token"), hidden(&form, "expected_refundable"), day(&form));
    let fields = [
        ("form_token", &*token),
        ("expected_refundable", &expected),
        ("amount", "20,00"),
        ("means", "cash"),
        ("reference", "T-1"),
        ("on", &on),
    ];
    let recorded = two.desk.post(&path, &fields).await;
    assert_eq!(recorded.status, 303, "{}", recorded.text);
    two.desk.post(&format!("{request}/accorder"), &[]).await;
    let page = two.his(&request).await;
    assert!(page.contains("Sans objet") && page.contains("refaites-la avec le montant"), "{page}");
    assert_eq!(two.refunds(&paid).await, [2_000]);
    assert!(two.his("/taches").await.contains("n&#39;a plus lieu d&#39;être"));

    let second = two.desk.shop.tried("DOS-3/1", 10_080, OpState::Success).await;
    let request = two.asks(&second).await;
    assert_eq!(two.desk.post(&format!("{request}/refuser"), &[]).await.location(), request);
    assert!(two.his(&request).await.contains("refusée par Claire"));
    assert!(two.his("/taches").await.contains("Votre demande a été refusée"));
    two.desk.post(&format!("{request}/accorder"), &[]).await;
    assert_eq!(two.refunds(&second).await, [0; 0], "a no stays a no");
}

#[tokio::test]
async fn p_109_a_request_that_nobody_answers_ends_by_itself() {
    let two = Two::open().await;
    let shop = &two.desk.shop;
    let paid = shop.tried("DOS-4/1", 10_080, OpState::Success).await;
    let request = two.asks(&paid).await;
    let ctx = &shop.house.ctx;
    let worker = Worker::new(ctx.clone(), vec![job_kind(&shop.engine)], Vec::new(), Vec::new());
    let later = shop.now().plus_minutes(HOURS * 60 + 1);
    worker.move_clocks(&[(shop.house.hotel.shop.id, later)]).await.unwrap();
    assert!(two.desk.get("/taches").await.text.contains("Rien à faire"));
    assert!(two.his("/taches").await.contains("Personne n&#39;a répondu"));
    two.desk.post(&format!("{request}/accorder"), &[]).await;
    assert!(two.his(&request).await.contains("personne n&#39;a répondu"));
    assert_eq!(two.refunds(&paid).await, [0; 0]);
}

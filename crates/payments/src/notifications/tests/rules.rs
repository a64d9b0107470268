//! Who is told what, by the rules of a shop.

use identity::fixtures::pages::{self, As};
use serde_json::json;

use super::{Receiver, Scene};

#[tokio::test]
async fn p_126_rules_tell_the_merchant_by_mail_and_can_be_switched() {
    let scene = Scene::open().await;
    let rule = json!({"events": ["refund.*"], "condition": {"source": ["desk"], "amount_from": 500},
        "target": "merchant_mail", "address": "compta@exemple.fr"});
    assert_eq!(scene.call("/v1/notification_rules", &rule).await.status, 201);
    let body = |source: &str| {
        json!({"id": "pay_1", "order_ref": "CMD-7", "amount": 8400, "currency": "EUR",
            "source": source})
    };
    scene.happens("refund.sent", body("api")).await;
    scene.happens("refund.sent", body("desk")).await;
    scene.happens("payment.expired", body("clock")).await;
    scene.round().await;
    let mails = scene.mails().await;
    let to: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(mails.len(), 2, "{to:?}");
    let own = mails.iter().find(|mail| mail.to == "compta@exemple.fr").unwrap();
    assert!(own.subject.contains("CMD-7") && own.text.contains("84,00"), "{}", own.text);
    let path = "/v1/notification_rules/merchant_expired";
    let request = pages::request(As::Key(&scene.house.hotel.key), "PATCH", path);
    let request = request.body(json!({"enabled": false}).to_string().into()).unwrap();
    let switched = pages::send(&scene.routes(), request).await.unwrap().json();
    assert_eq!(switched["enabled"], false, "{switched}");
    scene.happens("payment.expired", body("clock")).await;
    scene.round().await;
    assert_eq!(scene.mails().await.len(), 2);
}

#[tokio::test]
async fn p_126_rules_tell_the_payer_by_mail_and_a_telephone_by_text_message_each_once() {
    let scene = Scene::open().await;
    let cookie = pages::sign_in(&scene.house, &scene.routes(), &scene.house.claire).await.unwrap();
    let (routes, staff) = (scene.routes(), As::Browser(&cookie));
    let new = "/parametres/webhooks/mes-regles/nouvelle";
    let sms = [("form_token", "a"), ("events", "desk"), ("target", "sms"), ("name", "Astreinte")];
    let wrong = pages::post(&routes, staff, new, &sms).await.unwrap();
    assert_eq!(wrong.status, 422);
    assert!(wrong.text.contains("avec son indicatif"), "{}", wrong.text);
    let right = [&sms[..], &[("phone", "+33 6 12 34 56 78")]].concat();
    for _ in 0..2 {
        let made = pages::post(&routes, staff, new, &right).await.unwrap();
        assert_eq!(made.location(), "/parametres/webhooks#regles", "{}", made.text);
    }
    for _ in 0..2 {
        let rule = json!({"events": ["payment.cancelled"], "target": "payer_mail"});
        assert_eq!(scene.call("/v1/notification_rules", &rule).await.status, 201);
    }
    let payer = json!({"email": "anne@example.org", "language": "en"});
    let body = json!({"id": "pay_1", "order_ref": "CMD-7", "amount": 8400, "currency": "EUR",
        "source": "desk", "payer": payer});
    scene.happens("payment.cancelled", body).await;
    scene.happens("payment.cancelled", json!({"id": "pay_2", "source": "api"})).await;
    scene.round().await;
    let mails = scene.mails().await;
    let told: Vec<(&str, &str)> =
        mails.iter().map(|mail| (mail.to.as_str(), mail.text.as_str())).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    let text = |to: &str| told.iter().find(|(one, _)| *one == to).unwrap().1;
    assert!(
        text("anne@example.org").contains("informs you")
            && text("anne@example.org").contains("€84.00")
    );
    assert!(text("+33612345678").contains("CMD-7 84,00"), "{told:?}");
    let list = pages::get(&routes, staff, "/parametres/webhooks").await.unwrap().text;
    assert!(list.contains("Astreinte · Mouvement à la caisse"), "{list}");
    let (_, after) = list.split_once("action=\"/parametres/webhooks/mes-regles/").unwrap();
    let id = after.split('/').next().unwrap();
    let drop = format!("/parametres/webhooks/mes-regles/{id}/supprimer");
    pages::post(&routes, staff, &drop, &[]).await.unwrap();
    let list = pages::get(&routes, staff, "/parametres/webhooks").await.unwrap().text;
    assert!(!list.contains(id), "{list}");
}

#[tokio::test]
async fn p_126_an_address_may_be_told_by_flat_form_fields() {
    let scene = Scene::open().await;
    let receiver = Receiver::open().await;
    let body = json!({"url": receiver.url, "events": ["*"], "format": "form"});
    let made = scene.call("/v1/webhook_endpoints", &body).await.json();
    assert_eq!(made["format"], "form");
    scene.happens("payment.captured", json!({"id": "pay_1", "amount": 8400})).await;
    scene.round().await;
    let got = receiver.got().remove(0);
    let (form, body) = got.text.split_once(' ').unwrap();
    assert_eq!(form, "application/x-www-form-urlencoded");
    let pairs: Vec<&str> = body.split('&').collect();
    assert!(pairs.contains(&"data.amount=8400") && pairs.contains(&"type=payment.captured"));
    assert!(got.signature.starts_with("v1,"), "{}", got.signature);
    let unknown = json!({"url": receiver.url, "events": ["*"], "format": "xml"});
    assert_eq!(scene.call("/v1/webhook_endpoints", &unknown).await.status, 422);
}

//! What the API refuses, with the place of each wrong field.

use identity::fixtures::pages::{As, get, request, send, sign_in};
use serde_json::{Value, json};

use super::{Town, plain};

impl Town {
    async fn tariffs(&self, periods: &Value) -> (u16, Value) {
        self.entered(&json!({"periods": periods})).await
    }

    async fn entered(&self, body: &Value) -> (u16, Value) {
        let path = format!("/v1/lodgings/{}/tariffs", self.room.0);
        let put = request(As::Key(&self.house.hotel.key), "PUT", &path);
        let answer = send(&self.api, put.body(body.to_string().into()).unwrap()).await.unwrap();
        (answer.status.as_u16(), answer.json())
    }
}

fn paths(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().map_or(&[] as &[Value], Vec::as_slice);
    errors.iter().map(|fault| fault["path"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn l_61_a_refused_tariff_names_the_period_and_the_field() {
    let town = Town::new(9_800).await;
    let period = |change: &dyn Fn(&mut Value)| {
        let mut period = json!({
            "formula": town.room.1, "from": "2027-01-01", "to": "2027-01-31", "nights": [1],
            "per_stay": 9_000,
        });
        change(&mut period);
        period
    };
    let good = period(&|_| ());
    let cases: [(&str, Value); 7] = [
        ("$.periods[1].per_stay", period(&|p| p["per_stay"] = json!(-1))),
        ("$.periods[1].per_stay", period(&|p| p["per_stay"] = json!("90,00"))),
        ("$.periods[1].per_stay", period(&|p| p["per_stay"] = Value::Null)),
        (
            "$.periods[1].per_person",
            period(&|p| {
                p["per_stay"] = Value::Null;
                p["per_person"] = json!({"adult": -5});
            }),
        ),
        ("$.periods[1].nights", period(&|p| p["nights"] = json!([0]))),
        ("$.periods[1].to", period(&|p| p["to"] = json!("2026-12-31"))),
        (
            "$.periods[1].formula",
            period(&|p| {
                p["formula"] = json!("fml_00000000000000000000000000");
            }),
        ),
    ];
    for (path, wrong) in &cases {
        let (status, problem) = town.tariffs(&json!([good, wrong])).await;
        assert_eq!((status, paths(&problem)), (422, vec![*path]), "{problem}");
    }
    let (status, told) = town.tariffs(&json!([period(&|p| p["per_stay"] = json!(0))])).await;
    assert_eq!(status, 200, "zero is a price: {told}");
}

#[tokio::test]
async fn l_66_a_refused_line_of_a_cart_names_the_line_and_the_field() {
    let town = Town::new(9_800).await;
    let line = |change: &dyn Fn(&mut Value)| {
        let mut line = json!({
            "kind": "stay", "lodging": town.room.0, "formula": town.room.1,
            "arrival": "2026-12-05", "departure": "2026-12-07",
            "guests": [{"bracket": "adult", "count": 2}],
        });
        change(&mut line);
        line
    };
    let cases: [(&str, &str, Value); 5] = [
        ("invalid_dates", "departure", line(&|l| l["departure"] = json!("2026-12-05"))),
        ("past_date", "arrival", line(&|l| l["arrival"] = json!("2026-11-30"))),
        ("not_available", "arrival", line(&|l| l["departure"] = json!("2027-02-07"))),
        ("capacity_exceeded", "guests", line(&|l| l["guests"][0]["count"] = json!(9))),
        ("invalid_field", "guests[0].bracket", line(&|l| l["guests"][0]["bracket"] = json!("dog"))),
    ];
    for (code, field, wrong) in &cases {
        let problem = town.ask("/v1/carts", &json!({"lines": [line(&|_| ()), wrong]})).await.json();
        assert_eq!(
            (&problem["status"], &problem["code"]),
            (&json!(422), &json!(code)),
            "{problem}"
        );
        assert_eq!(paths(&problem), [format!("$.lines[1].{field}")], "{problem}");
    }
}

#[tokio::test]
async fn l_28_the_page_that_tells_a_new_price_shows_and_charges_it() {
    let town = Town::new(13_000).await;
    let basket = town.basket().await;
    town.contact(&basket, "Exemple").await;
    town.clock("2026-12-01T11:30:00Z");
    town.costs(14_000).await;
    let pay = format!("{basket}/payer?lang=fr");
    let told = town.submit(&pay, &[("typology", "full")]).await;
    assert_eq!(told.status, 409);
    let text = plain(&told.text);
    assert!(text.contains("260,00 € est devenu 280,00 €"), "{text}");
    assert!(text.contains("Régler la totalité : 280,00 €"), "{text}");
    assert_eq!(text.matches("260,00").count(), 1, "the old price is told once: {text}");
    assert!(told.text.contains("name=\"accept\" value=\"28000\""), "{}", told.text);
    let gone = town.submit(&pay, &[("typology", "full"), ("accept", "28000")]).await;
    assert_eq!(gone.status, 303, "{}", gone.text);
}

#[tokio::test]
async fn a_list_of_bookings_is_as_long_as_asked_and_names_what_it_does_not_know() {
    let town = Town::new(0).await;
    let list = async |query: &str| {
        let path = format!("/v1/bookings?{query}");
        get(&town.api, As::Key(&town.house.hotel.key), &path).await.unwrap().json()
    };
    for name in ["Exemple", "Martin"] {
        let basket = town.basket().await;
        town.contact(&basket, name).await;
        town.submit(&format!("{basket}/payer?lang=fr"), &[("typology", "full")]).await;
        let free = list("state=confirmed").await["data"][0]["id"].as_str().unwrap().to_owned();
        let cancelled = town.ask(&format!("/v1/bookings/{free}/cancel"), &json!({})).await;
        assert_eq!(cancelled.status, 200);
    }
    let first = list("limit=1").await;
    assert_eq!(first["data"].as_array().unwrap().len(), 1, "{first}");
    let cursor = first["next"].as_str().unwrap();
    let second = list(&format!("limit=1&cursor={cursor}")).await;
    assert_ne!(second["data"][0]["id"], first["data"][0]["id"]);
    for (query, path) in [("limit=0", "$.limit"), ("limit=201", "$.limit"), ("page=2", "$.page")] {
        assert_eq!(list(query).await["errors"][0]["path"], path);
    }
}

#[tokio::test]
async fn l_51_two_prices_are_both_told_and_only_those_in_force_are_listed() {
    let town = Town::new(9_800).await;
    let cheaper = json!({
        "formula": town.room.1, "from": "2026-01-01", "to": "2028-12-31", "nights": [1],
        "per_stay": 9_000,
    });
    let (status, problem) = town.tariffs(&json!([cheaper])).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("two_prices")), "{problem}");
    assert_eq!(problem["existing_price"], json!({"per_stay": 9_800}));
    assert_eq!(problem["entered_price"], json!({"per_stay": 9_000}));
    let cookie = sign_in(&town.house, &town.pages, &town.house.claire).await.unwrap();
    let list = format!("/catalogue/{}/tarifs", town.room.0);
    let listed = async || plain(&get(&town.pages, As::Browser(&cookie), &list).await.unwrap().text);
    assert!(listed().await.contains("98,00 €"));
    let (status, told) = town.entered(&json!({"periods": [cheaper], "replace": true})).await;
    assert_eq!(status, 200, "{told}");
    let now = listed().await;
    assert!(now.contains("90,00 €") && !now.contains("98,00 €"), "{now}");
    let saturdays = json!({
        "formula": town.room.1, "from": "2026-12-01", "to": "2026-12-31", "nights": [7],
        "arrival_days": ["sa"], "per_stay": 60_000,
    });
    let (status, told) = town.tariffs(&json!([saturdays])).await;
    assert_eq!(status, 200, "{told}");
    assert!(listed().await.contains("amedi"), "which days of arrival");
}

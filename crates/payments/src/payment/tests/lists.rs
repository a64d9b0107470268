//! Lists of payments by API: pages, totals, filters.

use serde_json::{Value, json};

use super::{Program, code};

#[tokio::test]
async fn p_104_lists_are_paged_without_holes_or_repeats() {
    let program = Program::new().await;
    for n in 0..5 {
        program.house.clock.go_on(1);
        program.post("/v1/payments", &format!("k{n}"), &program.asked(&format!("L-{n}"))).await;
    }
    let mut seen = Vec::new();
    let mut path = "/v1/payments?limit=2&status=captured".to_owned();
    loop {
        let page = program.get(&path).await.json();
        seen.extend(page["data"].as_array().unwrap().iter().map(|p| p["order_ref"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/payments?limit=2&status=captured&cursor={next}");
    }
    assert_eq!(seen, ["\"L-4\"", "\"L-3\"", "\"L-2\"", "\"L-1\"", "\"L-0\""]);
    let wrong = program.get("/v1/payments?stauts=captured").await;
    assert_eq!(code(&wrong), (422, "invalid_field".into()));
    let found = program.get("/v1/payments?order_ref=L-3").await.json();
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn p_104_programs_search_as_people_do_and_a_typing_error_is_named() {
    let program = Program::new().await;
    let paid = program.post("/v1/payments", "k1", &program.asked("ORDER-9")).await.json();
    let other = json!({"amount": 9900, "currency": "EUR", "order_ref": "OTHER-1"});
    program.post("/v1/payments", "k2", &other).await;
    for query in ["search=84,00", "search=order-9", "search=0154", "brand=cb", "last4=0154"] {
        let found = program.get(&format!("/v1/payments?{query}")).await.json();
        let ids: Vec<&Value> = found["data"].as_array().unwrap().iter().map(|p| &p["id"]).collect();
        assert_eq!(ids, [&paid["id"]], "{query}: {found}");
    }
    let wrong = program.get("/v1/payments?serch=x").await;
    assert_eq!(code(&wrong), (422, "invalid_field".into()));
    let error = &wrong.json()["errors"][0];
    assert_eq!(error["path"], "$.serch");
    assert_eq!(error["message"], "Unknown parameter; did you mean search?");
}

#[tokio::test]
async fn p_104_the_first_page_carries_the_totals_of_the_whole_filter() {
    let program = Program::new().await;
    for n in 0..3 {
        program.post("/v1/payments", &format!("k{n}"), &program.asked(&format!("T-{n}"))).await;
    }
    let open = json!({"amount": 9900, "currency": "EUR", "order_ref": "OPEN-1"});
    program.post("/v1/payments", "k9", &open).await;
    let page = program.get("/v1/payments?limit=2&status=captured").await.json();
    let whole = json!([{
        "currency": "EUR", "count": 3, "amount": 25_200, "captured": 25_200, "refunded": 0,
    }]);
    assert_eq!((page["data"].as_array().unwrap().len(), &page["totals"]), (2, &whole));
    let cursor = page["next"].as_str().unwrap();
    let next = format!("/v1/payments?limit=2&status=captured&cursor={cursor}");
    let last = program.get(&next).await.json();
    assert_eq!((last["data"].as_array().unwrap().len(), last.get("totals")), (1, None));
    let spared = program.get("/v1/payments?totals=false").await.json();
    assert_eq!((spared["data"].as_array().unwrap().len(), spared.get("totals")), (4, None));
}

#[tokio::test]
async fn p_104_every_filter_lets_through_what_it_says_and_names_what_it_does_not_know() {
    let program = Program::new().await;
    let mut asked = program.asked("F-1");
    asked["payer"] = json!({"first_name": "Zoé", "last_name": "Lefèvre"});
    let paid = program.post("/v1/payments", "k1", &asked).await.json();
    let open = json!({"amount": 9900, "currency": "EUR", "order_ref": "F-2"});
    program.post("/v1/payments", "k2", &open).await;
    let path = format!("/v1/payments/{}/operations", paid["id"].as_str().unwrap());
    let operations = program.get(&path).await.json();
    let number = operations["data"][1]["authorisation"].as_str().unwrap().to_owned();
    let today = paid["created_at"].as_str().unwrap()[..10].to_owned();
    let value = paid["guarantee"]["value"].as_str().unwrap().to_owned();
    let result = paid["threeds"]["result"].as_str().unwrap().to_owned();
    for query in [
        "name=lefevre".to_owned(),
        "amount=8400".to_owned(),
        format!("authorisation={number}"),
        format!("guarantee={value}"),
        format!("threeds={result}"),
        "source=api".to_owned(),
        "order_ref=F-1&search=lefev&name=zoe&amount=8400&source=api".to_owned(),
        format!("authorisation={number}&search=84,00&last4=0154"),
        format!("status=captured&from={today}&to={today}&late=false&method=CB&brand=cb"),
    ] {
        let found = program.get(&format!("/v1/payments?{query}")).await.json();
        let ids: Vec<&Value> = found["data"].as_array().unwrap().iter().map(|p| &p["id"]).collect();
        assert_eq!(ids, [&paid["id"]], "{query}: {found}");
        assert_eq!(found["totals"][0]["count"], 1, "{query}");
    }
    for query in [
        "late=true",
        "source=page",
        "method=VISA",
        "brand=amex",
        "group=returned",
        "threeds=timeout",
        "to=2020-01-01",
        "from=2090-01-01",
        "name=%25",
    ] {
        let found = program.get(&format!("/v1/payments?{query}")).await.json();
        assert_eq!((&found["data"], &found["totals"]), (&json!([]), &json!([])), "{query}");
    }
    let both = program.get("/v1/payments?channel=ecommerce").await.json();
    assert_eq!(both["data"].as_array().unwrap().len(), 2);
    for (query, path) in [
        ("late=perhaps", "$.late"),
        ("from=yesterday", "$.from"),
        ("guarantee=maybe", "$.guarantee"),
        ("threeds=YY", "$.threeds"),
        ("source=moon", "$.source"),
        ("method=cash", "$.method"),
        ("method=CB&brand=visa", "$.method"),
        ("brand=gold", "$.brand"),
        ("channel=pigeon", "$.channel"),
        ("status=captured&group=not_paid", "$.status"),
        ("limit=abc", "$.limit"),
        ("limit=1&limit=2", "$.limit"),
        ("amount=12,50", "$.amount"),
        ("cursor=7", "$.cursor"),
        ("statsu=captured", "$.statsu"),
    ] {
        let wrong = program.get(&format!("/v1/payments?{query}")).await;
        assert_eq!(code(&wrong), (422, "invalid_field".into()), "{query}");
        assert_eq!(wrong.json()["errors"][0]["path"], path);
    }
}

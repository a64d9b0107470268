use axum::Router;
use axum::routing::post;

use super::*;

fn to(url: &str, millis: u64) -> Post {
    Post {
        address: Address::parse(url, Reach::Near).unwrap(),
        headers: vec![(HeaderName::from_static("x-a"), HeaderValue::from_static("1"))],
        body: Bytes::from_static(b"{}"),
        timeout: Duration::from_millis(millis),
    }
}

async fn listening(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    origin
}

#[test]
fn q_45_addresses_are_judged_before_they_are_kept() {
    let public = |text| Address::parse(text, Reach::Public);
    assert!(public("https://example.org/hooks?a=1").is_ok());
    assert_eq!(public("http://example.org/"), Err(BadAddress::NotSecure));
    assert_eq!(public("https://127.0.0.1/"), Err(BadAddress::Private));
    assert_eq!(public("https://[::1]:8443/"), Err(BadAddress::Private));
    assert_eq!(public("https://LOCALHOST/"), Err(BadAddress::Private));
    assert_eq!(public("https://a:b@example.org/"), Err(BadAddress::Password));
    for other in ["ftp://example.org/", "/hooks", "example.org", "https://", "https://a/#b", "a b"]
    {
        assert_eq!(public(other), Err(BadAddress::NotWeb), "{other}");
    }
    assert!(Address::parse("http://127.0.0.1:9/x", Reach::Near).is_ok());
    let keys = Address::parse("http://169.254.169.254/", Reach::Near);
    assert_eq!(keys, Err(BadAddress::Private));
}

#[tokio::test]
async fn q_45_a_name_that_leads_home_is_refused_after_it_was_resolved() {
    let origin = listening(Router::new().route("/", post(|| async { "in" }))).await;
    let outside = Outside::trusting(RootCertStore::empty()).unwrap();
    let port = origin.rsplit_once(':').unwrap().1;
    let home = to(&format!("http://localhost:{port}/"), 2_000);
    assert_eq!(outside.post(home.clone(), Reach::Near).await.unwrap().body, "in");
    assert_eq!(outside.post(home, Reach::Public).await, Err(Failure::Private));
}

#[tokio::test]
async fn q_45_a_redirect_is_an_answer_and_not_followed() {
    let routes = Router::new()
        .route("/", post(|| async { axum::response::Redirect::temporary("/inner") }))
        .route("/inner", post(|| async { "secret" }));
    let origin = listening(routes).await;
    let outside = Outside::trusting(RootCertStore::empty()).unwrap();
    let heard = outside.post(to(&format!("{origin}/"), 2_000), Reach::Near).await.unwrap();
    assert_eq!((heard.status, heard.body.len()), (307, 0));
}

#[tokio::test]
async fn an_endless_answer_is_cut_and_a_silent_one_ends_in_time() {
    let silent = || async { std::future::pending::<String>().await };
    let origin = listening(Router::new().route("/silent", post(silent))).await;
    let endless = endless().await;
    let outside = Outside::trusting(RootCertStore::empty()).unwrap();
    let heard = outside.post(to(&endless, 5_000), Reach::Near).await.unwrap();
    assert_eq!((heard.status, heard.body.len()), (200, MAX_ANSWER_BYTES));
    let silence = outside.post(to(&format!("{origin}/silent"), 100), Reach::Near).await;
    assert_eq!(silence, Err(Failure::Time));
    let nobody = outside.post(to("http://127.0.0.1:1/", 2_000), Reach::Near).await;
    assert!(matches!(nobody, Err(Failure::Connection(_))), "{nobody:?}");
    let plain = outside.post(to(&origin.replace("http:", "https:"), 2_000), Reach::Near).await;
    assert!(matches!(plain, Err(Failure::Tls(_))), "{plain:?}");
}

/// A server whose answer does not end.
async fn endless() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n";
        let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, head).await;
        while tokio::io::AsyncWriteExt::write_all(&mut stream, &[b'a'; 4096]).await.is_ok() {}
    });
    origin
}

//! The server loop: one task per connection, bounded time and size, a graceful end.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

/// Largest body of a request, in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;
/// Longest time for the head of a request to arrive.
const HEADER_SECONDS: u64 = 10;
/// Longest time for an answer; longer than any bank's time-out.
const ANSWER_SECONDS: u64 = 100;
/// Longest time that running requests get when the server ends.
const DRAIN_SECONDS: u64 = 10;

tokio::task_local! {
    static REQUEST_ID: String;
}

/// The id of the request being answered, for logs and error documents.
#[must_use]
pub fn request_id() -> String {
    REQUEST_ID.try_with(Clone::clone).unwrap_or_default()
}

/// A listener and the reverse proxies before it.
#[derive(Debug)]
pub struct Door {
    /// Where connections come in.
    pub listener: TcpListener,
    /// Addresses of proxies whose word about the caller's address is believed.
    pub proxies: Vec<IpAddr>,
}

/// Serves `routes` until `end` completes, then lets running requests finish.
///
/// # Errors
/// None that is not logged: a connection that fails ends alone.
pub async fn serve(listener: TcpListener, routes: Router, end: impl Future<Output = ()>) {
    serve_behind(Door { listener, proxies: Vec::new() }, routes, end).await;
}

/// Like [`serve`], behind reverse proxies.
pub async fn serve_behind(door: Door, routes: Router, end: impl Future<Output = ()>) {
    let Door { listener, proxies } = door;
    let proxies: Arc<[IpAddr]> = proxies.into();
    let routes = watched(routes);
    let graceful = GracefulShutdown::new();
    let mut end = std::pin::pin!(end);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut end => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "accept");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let _ = stream.set_nodelay(true);
        let service = service(routes.clone(), peer, Arc::clone(&proxies));
        let connection = http1().serve_connection(TokioIo::new(stream), service);
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = watched.await {
                tracing::debug!(%error, "connection");
            }
        });
    }
    drop(listener);
    crate::stream::end_all();
    let _ = tokio::time::timeout(Duration::from_secs(DRAIN_SECONDS), graceful.shutdown()).await;
}

/// Serves one connection that is no socket, such as a pipe within the process, like all others.
pub async fn serve_stream<S>(stream: S, peer: SocketAddr, routes: Router)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service(watched(routes), peer, Arc::new([]));
    if let Err(error) = http1().serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "connection");
    }
}

fn watched(routes: Router) -> Router {
    routes.layer(DefaultBodyLimit::max(MAX_BODY_BYTES)).layer(middleware::from_fn(observe))
}

fn http1() -> hyper::server::conn::http1::Builder {
    let mut builder = hyper::server::conn::http1::Builder::new();
    let patience = Duration::from_secs(HEADER_SECONDS);
    builder.timer(TokioTimer::new()).header_read_timeout(patience);
    builder
}

fn service(
    routes: Router,
    peer: SocketAddr,
    proxies: Arc<[IpAddr]>,
) -> impl hyper::service::Service<
    axum::http::Request<hyper::body::Incoming>,
    Response = Response,
    Error = std::convert::Infallible,
    Future: Send,
> {
    hyper::service::service_fn(move |request: axum::http::Request<hyper::body::Incoming>| {
        let routes = routes.clone();
        let caller = caller(peer, &proxies, request.headers());
        async move {
            let mut request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(ConnectInfo(caller));
            routes.oneshot(request).await
        }
    })
}

/// Who calls: the other end of the connection; behind a proxy that we know, the last address that
/// it added (everything before it is the caller's own claim).
fn caller(peer: SocketAddr, proxies: &[IpAddr], headers: &HeaderMap) -> SocketAddr {
    if !proxies.contains(&peer.ip().to_canonical()) {
        return peer;
    }
    let last = headers.get_all("x-forwarded-for").iter().next_back();
    let text = last.and_then(|line| line.to_str().ok()?.rsplit(',').next());
    let told = text.and_then(|text| text.trim().parse::<IpAddr>().ok());
    told.map_or(peer, |address| SocketAddr::new(address, peer.port()))
}

/// Names, times and logs a request without its query: tokens stay out of logs.
async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = new_request_id();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let answer = REQUEST_ID.scope(id.clone(), next.run(request));
    let limit = Duration::from_secs(ANSWER_SECONDS);
    let mut response = tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| {
        let mut late = Response::new(axum::body::Body::empty());
        *late.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        late
    });
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    let (took, status) = (started.elapsed(), response.status().as_u16());
    let micros = took.as_micros();
    crate::metrics::request(method.as_str(), &route, status, took);
    if status >= 500 {
        tracing::warn!(%method, route, status, micros, id, "request failed");
    } else {
        tracing::info!(%method, route, status, micros, id, "request");
    }
    response
}

fn new_request_id() -> String {
    let mut bytes = [0; 16];
    kernel::Rng::fill(&kernel::rng::OsRng, &mut bytes);
    format!("req_{}", kernel::Id::from_bytes(bytes).text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q_44_an_address_is_believed_from_a_known_proxy_alone() {
        let told = |line: &str| {
            let mut headers = HeaderMap::new();
            headers.append("x-forwarded-for", HeaderValue::from_str(line).unwrap());
            headers
        };
        let proxy: SocketAddr = "127.0.0.1:9".parse().unwrap();
        let known = ["127.0.0.1".parse().unwrap()];
        let seen = |peer, line| caller(peer, &known, &told(line)).ip().to_string();
        assert_eq!(seen(proxy, "203.0.113.7"), "203.0.113.7");
        assert_eq!(seen(proxy, "10.0.0.1, 203.0.113.7"), "203.0.113.7");
        assert_eq!(seen(proxy, "unknown"), "127.0.0.1");
        let stranger: SocketAddr = "198.51.100.1:9".parse().unwrap();
        assert_eq!(seen(stranger, "203.0.113.7"), "198.51.100.1");
        assert_eq!(caller(proxy, &[], &told("203.0.113.7")), proxy);
    }
}

// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.http;

import io.cloudevents.CloudEvent;
import io.fiso.sdk.ComponentContext;
import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.EventSink;
import io.fiso.sdk.FisoComponent;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** Sends each event as one request. A 2xx answer is a delivery; anything else says by its status whether trying again may help. */
public final class HttpSink implements EventSink {
    /** An answer's body is read up to here, so that the connection can be used again; a longer one costs the connection. */
    private static final int DRAINED_BYTES_MAX = 64 * 1024;

    private @Nullable Session session;

    /** What exists between open and close. */
    private record Session(
            HttpSinkConfig config,
            HttpRequests requests,
            Responses responses,
            CloseableHttpClient client,
            Counter answered) {}

    /** Runs the component. */
    public static void main(String[] args) {
        FisoComponent.run(new HttpSink(), args);
    }

    @Override
    public void open(ComponentContext context) throws Exception {
        HttpSinkConfig config = context.config(HttpSinkConfig.class);
        boolean trustsAnyone = config.tls() != null && config.tls().skipVerify();
        Gauge.builder()
                .name("fiso_component_tls_verification_disabled")
                .help("1 if this sink trusts any certificate")
                .register(context.metrics())
                .set(trustsAnyone ? 1 : 0);
        if (trustsAnyone) {
            context.logger()
                    .log(
                            System.Logger.Level.WARNING,
                            "Certificates are not verified (tls.skipVerify); use tls.caFile instead");
        }
        Counter answered = Counter.builder()
                .name("fiso_component_http_responses_total")
                .help("Answers by status, and attempts without one as status none")
                .labelNames("status")
                .register(context.metrics());
        session = new Session(
                config,
                new HttpRequests(config),
                new Responses(withoutSecrets(config.url()), context.clock()),
                client(config),
                answered);
    }

    private static CloseableHttpClient client(HttpSinkConfig config) throws Exception {
        Timeout timeout = Timeout.of(config.timeout());
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setMaxConnTotal(config.connections())
                        .setMaxConnPerRoute(config.connections())
                        .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                        .setTlsSocketStrategy(Trust.of(config.tls()))
                        .setDefaultSocketConfig(SocketConfig.custom()
                                .setSoTimeout(timeout)
                                .setTcpNoDelay(true)
                                .build())
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(timeout)
                                .setSocketTimeout(timeout)
                                .build())
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(timeout)
                        .setResponseTimeout(timeout)
                        .setRedirectsEnabled(false)
                        .build())
                .setUserAgent("fiso-http-sink")
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .build();
    }

    @Override
    public void deliver(CloudEvent event) throws DeliveryException {
        Session open = Objects.requireNonNull(session, "deliver before open");
        HttpUriRequestBase request = open.requests.request(event);
        Duration timeout = open.config.timeout();
        try (ClassicHttpResponse response = open.client.executeOpen(null, request, null)) {
            int status = response.getCode();
            open.answered.labelValues(Integer.toString(status)).inc();
            drain(request, response.getEntity());
            if (status < 200 || status >= 300) {
                throw open.responses.refused(status, header(response, "Location"), header(response, "Retry-After"));
            }
        } catch (IOException e) {
            open.answered.labelValues("none").inc();
            throw open.responses.unanswered(e, timeout);
        }
    }

    private static void drain(HttpUriRequestBase request, @Nullable HttpEntity entity) {
        if (entity == null) {
            return;
        }
        // The status has arrived and decides; a body that breaks off only costs the connection.
        try (InputStream body = entity.getContent()) {
            byte[] buffer = new byte[8192];
            int total = 0;
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                total += n;
                if (total > DRAINED_BYTES_MAX) {
                    request.abort();
                    return;
                }
            }
        } catch (IOException _) {
            request.abort();
        }
    }

    private static @Nullable String header(ClassicHttpResponse response, String name) {
        Header header = response.getFirstHeader(name);
        return header == null ? null : header.getValue();
    }

    private static String withoutSecrets(URI url) {
        return url.getScheme() + "://" + url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort()) + url.getPath();
    }

    @Override
    public void close() {
        Session open = session;
        session = null;
        if (open != null) {
            open.client.close(CloseMode.GRACEFUL);
        }
    }
}

// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.controlplane.tls.CertificateAuthority;
import io.fiso.controlplane.tls.Issued;
import io.fiso.proto.stream.v1.DescribeRequest;
import io.fiso.proto.stream.v1.LifecycleGrpc;
import io.fiso.sdk.ConfigException;
import io.fiso.sdk.runtime.ComponentRuntime;
import io.fiso.tls.TlsDirectory;
import io.fiso.tls.TlsIdentity;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.util.CertificateUtils;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who gets through to the port of a component that has a certificate, who does not, and what its log says of them. */
@Timeout(300)
class ComponentOverTlsTest {
    private static final Logger LOG = Logger.getLogger("io.fiso.tls");

    private static final String[] ALL = {"control-plane.fiso", "in.test-pipeline.fiso", "out.test-pipeline.fiso"};

    @TempDir
    private Path directory;

    private final CertificateAuthority authority = CertificateAuthority.create(InstantSource.system());
    private final Queue<String> logged = new ConcurrentLinkedQueue<>();
    private final Handler listening = new Handler() {
        @Override
        public void publish(LogRecord record) {
            logged.add(new java.util.logging.SimpleFormatter().formatMessage(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listenToTheLog() {
        LOG.addHandler(listening);
    }

    @AfterEach
    void listenNoMore() {
        LOG.removeHandler(listening);
    }

    @Test
    void componentsWithCertificatesOfOneAuthorityStreamToEachOther() throws Exception {
        CollectingSink sink = new CollectingSink();
        try (ComponentHarness harness = new ComponentHarness(directory, own(authority, ALL), "in->out")) {
            harness.start("in", new NumberedEvents(100), "{}");
            harness.start("out", sink, "{}");

            ComponentHarness.await("all", () -> sink.events().size() == 100, sink::events);
        }
        assertThat(logged).as("nobody was refused").isEmpty();
    }

    @Test
    void refusesEveryoneButWhoHasARightCertificateAndTheToken() throws Exception {
        CertificateAuthority other = CertificateAuthority.create(InstantSource.system());
        CertificateAuthority then = CertificateAuthority.of(
                authority.certificate(),
                CertificateUtils.getPrivateKey(stream(authority.keyPem())),
                InstantSource.fixed(
                        Instant.now().minus(CertificateAuthority.LIFETIME).minus(Duration.ofDays(1))));
        try (ComponentHarness harness = new ComponentHarness(directory, own(authority, ALL), "in->out")) {
            String address = harness.start("in", new NumberedEvents(1), "{}").address();

            assertThat(call(address, NettyChannelBuilder::usePlaintext, ComponentHarness.TOKEN))
                    .as("plain text")
                    .isEqualTo(Code.UNAVAILABLE);
            awaitLogged("speaks no TLS");
            assertThat(call(address, presentingNone(), ComponentHarness.TOKEN))
                    .as("no certificate")
                    .isEqualTo(Code.UNAVAILABLE);
            awaitLogged("a certificate is required, and none was presented");
            assertThat(call(
                            address,
                            presenting(new Issued(other.certificatePem(), other.keyPem())),
                            ComponentHarness.TOKEN))
                    .as("one that signs itself")
                    .isEqualTo(Code.UNAVAILABLE);
            awaitLogged("another authority has issued it");
            logged.clear();
            assertThat(call(address, presenting(other.issue("spy", "", List.of())), ComponentHarness.TOKEN))
                    .as("one of another authority")
                    .isEqualTo(Code.UNAVAILABLE);
            awaitLogged("CN=spy", "another authority has issued it");
            assertThat(call(address, presenting(then.issue("late", "", List.of())), ComponentHarness.TOKEN))
                    .as("one that has ended")
                    .isEqualTo(Code.UNAVAILABLE);
            awaitLogged("CN=late", "it ended at ");

            UnaryOperator<NettyChannelBuilder> right = presenting(authority.issue("me", "", List.of()));
            assertThat(call(address, right, "")).as("no token").isEqualTo(Code.UNAUTHENTICATED);
            assertThat(call(address, right, "wrong")).as("a wrong token").isEqualTo(Code.UNAUTHENTICATED);
            assertThat(call(address, right, ComponentHarness.TOKEN))
                    .as("all right")
                    .isEqualTo(Code.OK);
        }
    }

    @Test
    void takesNothingFromOneWhoseCertificateIsForSomebodyElse() throws Exception {
        CollectingSink sink = new CollectingSink();
        try (ComponentHarness harness = new ComponentHarness(directory, own(authority, ALL), "in->out")) {
            TlsDirectory elsewhere = own(authority, "other.test-pipeline.fiso", "127.0.0.1");
            String address = harness.start(
                            "in",
                            ComponentRuntime.of(
                                    new NumberedEvents(100),
                                    harness.environment("in", "{}", "{}").withTlsDirectory(elsewhere.path())))
                    .address();
            harness.start("out", sink, "{}");

            awaitLogged("no TLS connection to in.test-pipeline.fiso at " + address, "for other.test-pipeline.fiso");
            assertThat(sink.events()).isEmpty();
        }
    }

    @Test
    void saysSoWhenTheOtherEndSpeaksNoTls() throws Exception {
        try (ComponentHarness plain = new ComponentHarness(directory, "in->out")) {
            String address = plain.start("in", new NumberedEvents(1), "{}").address();
            TlsIdentity me = TlsIdentity.read(own(authority));

            assertThatThrownBy(() -> describe(
                            address,
                            builder -> me.dial(builder, "in.test-pipeline.fiso", address),
                            ComponentHarness.TOKEN))
                    .hasMessageContaining("no TLS connection to in.test-pipeline.fiso at " + address
                            + ": the other end speaks no TLS");
        }
    }

    @Test
    void doesNotStartWithoutTheFilesItWasPromised() throws Exception {
        try (ComponentHarness harness = new ComponentHarness(directory, "in->out")) {
            Path nowhere = directory.resolve("nowhere");

            assertThatThrownBy(() -> ComponentRuntime.of(
                            new NumberedEvents(1),
                            harness.environment("in", "{}", "{}").withTlsDirectory(nowhere)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("FISO_TLS_DIR")
                    .hasMessageContaining(nowhere.toString());
        }
    }

    private TlsDirectory own(CertificateAuthority by, String... names) throws Exception {
        return written(by.issue("component-0", "test-pipeline", List.of(names)));
    }

    /** One who trusts the server, so that a refusal is the server's, and presents this whatever the server asks for. */
    private UnaryOperator<NettyChannelBuilder> presenting(Issued certificate) throws Exception {
        TlsIdentity identity = TlsIdentity.read(written(certificate));
        return builder -> identity.dial(builder, "in.test-pipeline.fiso", "the component");
    }

    private TlsDirectory written(Issued certificate) throws Exception {
        Path path = Files.createTempDirectory(directory, "tls");
        Files.writeString(path.resolve(TlsDirectory.AUTHORITY), authority.certificatePem());
        Files.writeString(path.resolve(TlsDirectory.CERTIFICATE), certificate.certificate());
        Files.writeString(path.resolve(TlsDirectory.KEY), certificate.key());
        return new TlsDirectory(path);
    }

    /** One who believes every server, and has no certificate. */
    private static UnaryOperator<NettyChannelBuilder> presentingNone() throws Exception {
        SslContextBuilder context = SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE);
        var built = GrpcSslContexts.configure(context, SslProvider.JDK).build();
        return builder -> builder.sslContext(built);
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static Code call(String address, UnaryOperator<NettyChannelBuilder> how, String token) {
        try {
            describe(address, how, token);
            return Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    private static void describe(String address, UnaryOperator<NettyChannelBuilder> how, String token) {
        Metadata metadata = new Metadata();
        metadata.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        ManagedChannel channel =
                how.apply(NettyChannelBuilder.forTarget(address)).build();
        try {
            LifecycleGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
                    .withDeadlineAfter(120, TimeUnit.SECONDS)
                    .describe(DescribeRequest.getDefaultInstance());
        } finally {
            channel.shutdownNow();
        }
    }

    private void awaitLogged(String... parts) throws InterruptedException {
        ComponentHarness.await(
                "a line of the log with all of " + List.of(parts),
                () -> logged.stream().anyMatch(line -> List.of(parts).stream().allMatch(line::contains)),
                () -> logged);
    }
}

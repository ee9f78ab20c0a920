// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.controlplane.tls.CertificateAuthority;
import io.fiso.controlplane.tls.Issued;
import io.fiso.proto.control.v1.GetRunRequest;
import io.fiso.proto.control.v1.ListRunsRequest;
import io.fiso.proto.control.v1.PipelineServiceGrpc;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.control.v1.StartRunRequest;
import io.fiso.tls.Certificates;
import io.fiso.tls.PeerName;
import io.fiso.tls.TlsDirectory;
import io.fiso.tls.TlsIdentity;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.util.CertificateUtils;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who gets through to a control plane that speaks TLS, and who does not. */
@Timeout(300)
class MutualTlsTest extends LiveControlPlane {
    private static final UnaryOperator<NettyChannelBuilder> PLAIN = NettyChannelBuilder::usePlaintext;

    @TempDir
    Path elsewhere;

    @Test
    void letsItsOperatorIn() throws Exception {
        ControlPlane controlPlane = startWithTls();

        assertThat(call(controlPlane, operator(controlPlane), controlPlane.token()))
                .isEqualTo(Code.OK);
    }

    @Test
    void wantsATokenOfWhoHasTheRightCertificate() throws Exception {
        ControlPlane controlPlane = startWithTls();

        assertThat(call(controlPlane, operator(controlPlane), "")).isEqualTo(Code.UNAUTHENTICATED);
        assertThat(call(controlPlane, operator(controlPlane), "0".repeat(64))).isEqualTo(Code.UNAUTHENTICATED);
    }

    @Test
    void refusesWhoHasTheRightTokenAndNoCertificate() throws Exception {
        ControlPlane controlPlane = startWithTls();

        assertThat(call(controlPlane, PLAIN, controlPlane.token())).isEqualTo(Code.UNAVAILABLE);
        assertThat(call(controlPlane, presentingNone(), controlPlane.token())).isEqualTo(Code.UNAVAILABLE);
    }

    @Test
    void refusesACertificateThatSignsItself() throws Exception {
        ControlPlane controlPlane = startWithTls();
        CertificateAuthority self = CertificateAuthority.create(InstantSource.system());

        assertThat(call(
                        controlPlane,
                        presenting(new Issued(self.certificatePem(), self.keyPem())),
                        controlPlane.token()))
                .isEqualTo(Code.UNAVAILABLE);
    }

    @Test
    void refusesACertificateOfAnotherControlPlane() throws Exception {
        ControlPlane controlPlane = startWithTls();
        CertificateAuthority other = CertificateAuthority.create(InstantSource.system());

        assertThat(call(controlPlane, presenting(other.issue("operator", "", List.of())), controlPlane.token()))
                .isEqualTo(Code.UNAVAILABLE);
    }

    @Test
    void refusesACertificateThatHasEnded() throws Exception {
        ControlPlane controlPlane = startWithTls();
        InstantSource longAgo = InstantSource.fixed(
                Instant.now().minus(CertificateAuthority.LIFETIME).minus(Duration.ofDays(1)));
        CertificateAuthority then = authority(home(), longAgo);

        assertThat(call(controlPlane, presenting(then.issue("operator", "", List.of())), controlPlane.token()))
                .isEqualTo(Code.UNAVAILABLE);
        assertThat(call(
                        controlPlane,
                        presenting(authority(home(), InstantSource.system()).issue("operator", "", List.of())),
                        controlPlane.token()))
                .as("one of today")
                .isEqualTo(Code.OK);
    }

    @Test
    void itsOperatorRefusesAServerThatIsSomebodyElseAndSaysSo() throws Exception {
        ControlPlane controlPlane = startWithTls();
        UnaryOperator<NettyChannelBuilder> operator = operator(controlPlane);
        ManagedChannel channel =
                opened(controlPlane, builder -> operator.apply(builder).overrideAuthority("orders.p.fiso"));

        assertThatThrownBy(() -> list(channel, controlPlane.token()))
                .satisfies(error -> assertStatus(error, Code.UNAVAILABLE))
                .hasMessageContaining("orders.p.fiso");
    }

    @Test
    void whoSpeaksTlsToAControlPlaneThatDoesNotIsToldSo() throws Exception {
        ControlPlane controlPlane = start("p");
        Identities identities = Identities.inMemory(Clock.systemUTC());
        TlsIdentity somebody = TlsIdentity.read(identities.issue(elsewhere.resolve("me"), "me", "", List.of()));

        assertThatThrownBy(() -> list(
                        opened(controlPlane, builder -> somebody.dial(builder, PeerName.CONTROL_PLANE, "127.0.0.1:1")),
                        controlPlane.token()))
                .satisfies(error -> assertStatus(error, Code.UNAVAILABLE))
                .hasMessageContaining("no TLS connection to control-plane.fiso at 127.0.0.1:1")
                .hasMessageContaining("speaks no TLS");
    }

    @Test
    void startsComponentsWithCertificatesOfTheirOwnAndRemovesThemAtTheEnd() throws Exception {
        ControlPlane controlPlane = startWithTls();
        PipelineServiceGrpc.PipelineServiceBlockingStub pipelines = PipelineServiceGrpc.newBlockingStub(
                        opened(controlPlane, operator(controlPlane)))
                .withInterceptors(BearerToken.attaching(controlPlane.token()));
        Run run = pipelines
                .startRun(StartRunRequest.newBuilder()
                        .setYaml("p")
                        .setFile("p.yaml")
                        .build())
                .getRun();
        GetRunRequest question = GetRunRequest.newBuilder().setRun(run.getId()).build();
        await(
                "all have registered, and answer",
                () -> pipelines.getRun(question).getRun().getState() == RunState.RUN_STATE_RUNNING);
        Path tls = home().resolve("runs").resolve(run.getId()).resolve("tls");

        for (var spec : driver.specs) {
            TlsDirectory own = new TlsDirectory(spec.tlsDirectory().orElseThrow());
            assertThat(own.path()).isEqualTo(tls.resolve(spec.instanceName()));
            assertThat(spec.contract()).containsEntry("FISO_TLS_DIR", own.path().toString());
            assertThat(Certificates.names(own.certificate().getFirst()))
                    .contains(spec.component() + ".p.fiso", "127.0.0.1", "localhost");
            assertThat(own.certificate().getFirst().getSubjectX500Principal().getName())
                    .contains("CN=" + spec.instanceName());
            TlsIdentity.read(own);
        }
        controlPlane.close();
        assertThat(tls).doesNotExist();
    }

    @Test
    void theFileOfAControlPlaneThatKnewNoTlsIsStillRead() throws Exception {
        Files.createDirectories(home());
        Files.writeString(
                home().resolve(ControlFile.NAME),
                "{\"pid\": 1, \"processStarted\": \"x\", \"grpcPort\": 2, \"httpPort\": 3, \"token\": \"t\", \"pipeline\": \"p\", \"run\": \"r\"}");

        ControlFile read = ControlFile.read(home()).orElseThrow();

        assertThat(read.grpcPort()).isEqualTo(2);
        assertThat(read.tlsDirectory()).isEmpty();
    }

    @Test
    void keepsItsAuthorityForTheNextOneInThatDirectory() throws Exception {
        ControlPlane first = startWithTls();
        UnaryOperator<NettyChannelBuilder> operator = operator(first);
        first.close();
        ControlPlane second = startWithTls();

        assertThat(call(second, operator, second.token()))
                .as("the certificate of the first one's operator")
                .isEqualTo(Code.OK);
        for (String key : List.of("ca.key", "client/tls.key", "control-plane/tls.key")) {
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(home().resolve("tls").resolve(key))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void keepsNoAuthorityThatNobodyCanTakeOver() throws Exception {
        ControlPlane controlPlane = opened(
                ControlPlane.start(config("p").apply(state).withInMemory(true).withTls(TlsSetting.asked(true))));

        assertThat(call(controlPlane, operator(controlPlane), controlPlane.token()))
                .isEqualTo(Code.OK);
        assertThat(home().resolve("tls/ca.key")).doesNotExist();
    }

    @Test
    void anAuthorityThatCannotBeUsedIsToldWithItsFilesAndWhatToDo() throws Exception {
        startWithTls().close();
        Files.writeString(home().resolve("tls/ca.key"), "nonsense");

        assertThatThrownBy(this::startWithTls)
                .hasMessageContaining(home().resolve("tls/ca.key").toString())
                .hasMessageContaining("put both files back, or remove");
    }

    @Test
    void renewsInPlaceWhatIsInUseAndWhoReadsItUsesItWithTheNextConnection() throws Exception {
        Path kept = home().resolve("tls");
        Identities old =
                Identities.keptIn(kept, InstantSource.fixed(Instant.now().minus(Duration.ofDays(70))));
        TlsDirectory directory = old.issue(kept.resolve("me"), "me", "", List.of("127.0.0.1"));
        TlsIdentity me = TlsIdentity.read(directory);
        byte[] key = Files.readAllBytes(directory.path().resolve(TlsDirectory.KEY));
        var before = directory.certificate().getFirst();

        Identities now = Identities.keptIn(kept, InstantSource.system());
        now.keep(directory.path());
        now.renew();

        var after = directory.certificate().getFirst();
        assertThat(after.getNotAfter()).isAfter(before.getNotAfter());
        assertThat(Files.readAllBytes(directory.path().resolve(TlsDirectory.KEY)))
                .isEqualTo(key);
        ControlPlane controlPlane = startWithTls();
        assertThat(call(
                        controlPlane,
                        builder -> me.dial(builder, PeerName.CONTROL_PLANE, "127.0.0.1"),
                        controlPlane.token()))
                .isEqualTo(Code.OK);
        assertThat(me.certificate()).isEqualTo(after);
    }

    @Test
    void aMissingFileAndAKeyOfSomebodyElseAreToldWithTheirPaths() throws Exception {
        Identities identities = Identities.inMemory(Clock.systemUTC());
        TlsDirectory one = identities.issue(elsewhere.resolve("one"), "one", "", List.of());
        TlsDirectory other = identities.issue(elsewhere.resolve("other"), "other", "", List.of());
        Files.copy(
                other.path().resolve(TlsDirectory.KEY),
                one.path().resolve(TlsDirectory.KEY),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.delete(other.path().resolve(TlsDirectory.AUTHORITY));

        assertThatThrownBy(() -> TlsIdentity.read(one))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(one.path().resolve(TlsDirectory.KEY) + " is not the key of the certificate");
        assertThatThrownBy(() -> TlsIdentity.read(other))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no file " + other.path().resolve(TlsDirectory.AUTHORITY))
                .hasMessageContaining("FISO_TLS_DIR");
    }

    @Test
    void aRunGoesOnAsItWasStartedAndWhoInsistsOnSomethingElseIsRefused() throws Exception {
        RunStore.LiveRun live = new RunStore.LiveRun(
                "run-1", "p", "f", "t", 1, 1, Instant.now(), Optional.empty(), "", false, List.of());
        List<Leftover> left = List.of(new Leftover(live, Pipelines.linear("p"), driver, java.util.Map.of()));

        assertThat(MutualTls.wanted(TlsSetting.byDefault(true), state, left)).isFalse();
        assertThat(MutualTls.wanted(TlsSetting.asked(false), state, left)).isFalse();
        assertThatThrownBy(() -> MutualTls.wanted(TlsSetting.asked(true), state, left))
                .hasMessageContaining("run-1")
                .hasMessageContaining("--no-tls");
        Files.createDirectories(home().resolve("runs/run-1/tls"));
        assertThat(MutualTls.wanted(TlsSetting.byDefault(false), state, left)).isTrue();
        assertThatThrownBy(() -> MutualTls.wanted(TlsSetting.asked(false), state, left))
                .hasMessageContaining("was started with TLS");
    }

    private ControlPlane startWithTls() {
        return opened(ControlPlane.start(config("p").apply(state).withTls(TlsSetting.asked(true))));
    }

    private Path home() {
        return state.resolve("pipelines/p");
    }

    private static CertificateAuthority authority(Path home, InstantSource clock) throws Exception {
        try (InputStream certificate = Files.newInputStream(home.resolve("tls/ca.crt"));
                InputStream key = Files.newInputStream(home.resolve("tls/ca.key"))) {
            return CertificateAuthority.of(
                    CertificateUtils.getX509Certificates(certificate)[0], CertificateUtils.getPrivateKey(key), clock);
        }
    }

    private static UnaryOperator<NettyChannelBuilder> operator(ControlPlane controlPlane) throws IOException {
        TlsIdentity operator =
                TlsIdentity.read(new TlsDirectory(controlPlane.tlsDirectory().orElseThrow()));
        return builder -> operator.dial(builder, PeerName.CONTROL_PLANE, "127.0.0.1");
    }

    /** One who trusts the server, so that a refusal is the server's, and presents this whatever the server asks for. */
    private UnaryOperator<NettyChannelBuilder> presenting(Issued certificate) throws Exception {
        Path path = Files.createTempDirectory(elsewhere, "tls");
        Files.copy(home().resolve("tls/ca.crt"), path.resolve(TlsDirectory.AUTHORITY));
        Files.writeString(path.resolve(TlsDirectory.CERTIFICATE), certificate.certificate());
        Files.writeString(path.resolve(TlsDirectory.KEY), certificate.key());
        TlsIdentity identity = TlsIdentity.read(new TlsDirectory(path));
        return builder -> identity.dial(builder, PeerName.CONTROL_PLANE, "127.0.0.1");
    }

    /** One who believes every server, and has no certificate. */
    private static UnaryOperator<NettyChannelBuilder> presentingNone() throws Exception {
        SslContextBuilder context = SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE);
        var built = GrpcSslContexts.configure(context, SslProvider.JDK).build();
        return builder -> builder.sslContext(built);
    }

    private ManagedChannel opened(ControlPlane controlPlane, UnaryOperator<NettyChannelBuilder> how) {
        ManagedChannel channel = how.apply(NettyChannelBuilder.forAddress("127.0.0.1", controlPlane.grpcPort()))
                .build();
        opened(() -> channel.shutdownNow());
        return channel;
    }

    private static void list(ManagedChannel channel, String token) {
        PipelineServiceGrpc.newBlockingStub(channel)
                .withInterceptors(BearerToken.attaching(token))
                .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .listRuns(ListRunsRequest.getDefaultInstance());
    }

    private Code call(ControlPlane controlPlane, UnaryOperator<NettyChannelBuilder> how, String token) {
        try {
            list(opened(controlPlane, how), token);
            return Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }
}

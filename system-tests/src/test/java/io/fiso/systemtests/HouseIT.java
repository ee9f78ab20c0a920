// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The arrows of the house, looked up in what is shipped. */
@Timeout(300)
class HouseIT {
    private static JavaClasses house;

    @BeforeAll
    static void importDistribution() throws IOException {
        try (Stream<Path> files = Files.walk(Distribution.home())) {
            List<Path> paths = files.filter(f -> f.toString().endsWith(".jar"))
                    .filter(f -> f.getFileName().toString().startsWith("fiso-")
                            || f.startsWith(Distribution.home().resolve("components")))
                    .toList();
            List<JarFile> jars = new ArrayList<>();
            for (Path path : paths) {
                jars.add(new JarFile(path.toFile()));
            }
            house = new ClassFileImporter().importJars(jars);
        }
        assertThat(house.stream().map(c -> c.getPackageName()).distinct())
                .contains(
                        "io.fiso.cli",
                        "io.fiso.sdk",
                        "io.fiso.sdk.delivery",
                        "io.fiso.controlplane",
                        "io.fiso.pipeline");
    }

    @Test
    void theDeliveryCoreKnowsNoTransport() {
        noClasses()
                .that()
                .resideInAPackage("io.fiso.sdk.delivery..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.grpc..", "io.netty..", "io.fiso.proto..", "io.fiso.sdk.runtime..", "java.net..")
                .check(house);
    }

    @Test
    void theDeliveryCoreHasNoClockOfItsOwn() {
        noClasses()
                .that()
                .resideInAPackage("io.fiso.sdk.delivery..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(Math.class, "random")
                .check(house);
    }

    @Test
    void onlyTheCommandLineSeesConcreteDrivers() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.fiso.cli..", "io.fiso.driver.process..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.fiso.driver.process..")
                .check(house);
    }

    @Test
    void nothingDependsOnTheCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.fiso.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.fiso.cli..")
                .check(house);
    }

    @Test
    void whatTheUserWroteIsReadWithoutNetworkOrProcesses() {
        noClasses()
                .that()
                .resideInAnyPackage("io.fiso.pipeline..", "io.fiso.transform..", "io.fiso.schema..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.grpc..",
                        "io.netty..",
                        "java.net.http..",
                        "io.fiso.sdk..",
                        "io.fiso.controlplane..",
                        "io.fiso.driver..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Process.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(ProcessBuilder.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.net.Socket.class)
                .check(house);
    }

    @Test
    void theControlPlaneStandsBesideTheDataPath() {
        noClasses()
                .that()
                .resideInAPackage("io.fiso.controlplane..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fiso.sdk.delivery..", "io.fiso.sdk.runtime..", "io.fiso.components..")
                .check(house);
    }

    @Test
    void componentsSeeOnlyWhatTheirAuthorsSee() {
        noClasses()
                .that()
                .resideInAPackage("io.fiso.components..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.fiso.sdk.delivery..",
                        "io.fiso.sdk.runtime..",
                        "io.fiso.proto.control..",
                        "io.fiso.proto.stream..",
                        "io.fiso.controlplane..",
                        "io.fiso.driver..",
                        "io.fiso.pipeline..")
                .check(house);
    }

    /** To those the broker is the outside system, as Kafka is to others: they speak its protocol. No component is built on the broker itself. */
    @Test
    void onlyComponentsOverTheBrokerSpeakItsProtocol() {
        noClasses()
                .that()
                .resideInAPackage("io.fiso.components..")
                .and()
                .resideOutsideOfPackages(
                        "io.fiso.components.streamsource..",
                        "io.fiso.components.streamsink..",
                        "io.fiso.components.queuesource..",
                        "io.fiso.components.queuesink..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.fiso.proto..", "io.grpc..", "io.fiso.broker..", "io.fiso.brokeraccess..")
                .check(house);
        noClasses()
                .that()
                .resideInAnyPackage("io.fiso.components..", "io.fiso.brokeraccess..", "io.fiso.sdk..")
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "are the broker itself",
                        c -> c.getPackageName().startsWith("io.fiso.broker.")
                                && !c.getPackageName().startsWith("io.fiso.broker.client")))
                .check(house);
    }

    @Test
    void packagesFollowFolders() {
        classes()
                .should()
                .resideInAPackage("io.fiso..")
                .check(house.that(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "of Fiso itself", c -> !c.getPackageName().startsWith("io.cloudevents"))));
    }
}

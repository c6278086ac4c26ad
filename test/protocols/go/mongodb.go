package main

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

type mongodb struct{ *mongo.Client }

// The way names a codec.
func connectMongodb(ctx context.Context, port, way string) (client, error) {
	settings := options.Client().ApplyURI("mongodb://127.0.0.1:" + port)
	if way != "" {
		settings.SetCompressors([]string{way})
	}
	connection, err := mongo.Connect(settings)
	if err != nil {
		return nil, err
	}
	return mongodb{connection}, connection.Ping(ctx, nil)
}

func (client mongodb) close(ctx context.Context) error { return client.Disconnect(ctx) }

func (client mongodb) ask(ctx context.Context) error {
	_, err := client.Database("shop").Collection("asked").CountDocuments(ctx, bson.D{})
	return err
}

func (client mongodb) play(ctx context.Context, rounds int) error {
	goods := client.Database("depot").Collection("goods")
	for i := range rounds {
		name := bson.D{{Key: "name", Value: "SECRET"}, {Key: "i", Value: i}}
		if _, err := goods.InsertMany(ctx, []any{name, name}); err != nil {
			return err
		}
		found, err := goods.Find(ctx, name, options.Find().SetBatchSize(1))
		if err != nil {
			return err
		}
		if err := found.All(ctx, &[]bson.D{}); err != nil {
			return err
		}
		change := bson.D{{Key: "$set", Value: bson.D{{Key: "i", Value: -1}}}}
		if _, err := goods.UpdateOne(ctx, name, change); err != nil {
			return err
		}
		if err := goods.Database().RunCommand(ctx, bson.D{{Key: "SECRET", Value: 1}}).Err(); err == nil {
			return errors.New("there is no such command")
		}
		if _, err := goods.DeleteMany(ctx, name); err != nil {
			return err
		}
	}
	return nil
}
